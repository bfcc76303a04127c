import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_accuracy_is_known_for_every_jax_that_is_locked():
    """Otherwise a test run with one of them would hold its errors to nothing."""
    locked = re.findall(r"^jax==(\S+)", (ROOT / "envs/dev.txt").read_text(), re.MULTILINE)
    known = json.loads((ROOT / "tests/accuracy.json").read_text())
    assert len(locked) == 2
    assert set(locked) <= set(known)
    first, *others = (set(known[version]) for version in locked)
    assert first
    assert all(groups == first for groups in others)
