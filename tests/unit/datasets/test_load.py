import numpy as np
import pytest

from widelimit.config import check
from widelimit.datasets.bundled import BUNDLED
from widelimit.datasets.load import load
from widelimit.provenance.statement import PROJECT


@pytest.mark.parametrize(
    ("source", "shape", "classes"),
    [("digits", (1797, 64), 10), ("breast_cancer", (569, 30), 2),
     ("diabetes", (442, 10), 0), ("mnist5k", (5000, 784), 10)],
)  # fmt: skip
def test_bundled_data(rng, source, shape, classes):
    found = load({"source": source}, rng)
    assert found.x.shape == shape
    assert len(found.classes) == classes
    assert set(BUNDLED) == {"digits", "breast_cancer", "diabetes", "mnist5k"}


def test_every_source_of_a_configuration_can_be_loaded(rng, tmp_path):
    import yaml

    config = yaml.safe_load((PROJECT / "config/smoke.yaml").read_text())
    np.savez(tmp_path / "d.npz", x=rng.random((9, 2)), y=rng.random(9))
    config["datasets"] |= {
        "mine": {"source": "file", "path": str(tmp_path / "d.npz"), "train": 5},
        "made": {"source": "sphere", "dimension": 4, "train": 5, "test": 3},
    }
    settings = check(config).model_dump(mode="json")["datasets"]
    assert len(load(settings["mine"], rng).x) == 9
    assert load(settings["made"], rng).x.shape == (8, 4)
