import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import widelimit


def test_importing_the_package_imports_no_jax():
    """Snakemake parses the workflow in every job: that must stay cheap."""
    code = (
        "import sys, widelimit, widelimit.config, widelimit.modules, "
        "widelimit.provenance.closure, widelimit.provenance.locks; "
        "print({'jax', 'xarray', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"


def test_parts_load_on_first_use():
    assert widelimit.kernels.compute
    assert "kernels" in dir(widelimit)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = widelimit.nothing


def test_the_library_knows_nothing_of_snakemake_and_imports_point_one_way():
    """networks ← native ← gpu ← kernels, tangents ← regression, dynamics ← theory ← studies ← claims."""
    from widelimit.provenance.closure import PACKAGE, import_closure

    order = [
        {"networks"}, {"native"}, {"gpu"}, {"kernels", "tangents"}, {"regression", "dynamics"}, {"theory"}, {"studies"},
        {"claims"}, {"figures"}, {"report"},
    ]  # fmt: skip
    level = {name: i for i, names in enumerate(order) for name in names}
    for path in PACKAGE.rglob("*.py"):
        assert "import snakemake" not in path.read_text(), path
        part = Path(path.relative_to(PACKAGE).parts[0]).stem
        if part in ("store", "statistics", "provenance"):  # these know nothing of the science
            parts = {other.relative_to(PACKAGE).parts[0] for other in import_closure(path)}
            assert not parts & set(level), f"{path} imports {parts}"
        if part not in level or path.name == "__init__.py":
            continue
        for imported in import_closure(path):
            other = imported.relative_to(PACKAGE).parts[0]
            assert level.get(other, 0) <= level[part], f"{path} imports {imported}"


def test_nothing_needs_the_optional_parts():
    from widelimit.provenance.closure import PACKAGE, import_closure

    optional = {PACKAGE / "gpytorch.py", *(PACKAGE / "sklearn").glob("*.py")}
    others = set(PACKAGE.rglob("*.py")) - optional
    assert not optional & set(import_closure(*others))


@pytest.mark.parametrize("name", ["sklearn", "gpytorch"])
def test_an_optional_part_says_what_it_lacks(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    for loaded in [m for m in sys.modules if m.startswith(f"widelimit.{name}")]:
        monkeypatch.delitem(sys.modules, loaded)
    with pytest.raises(ImportError, match=rf"pip install 'widelimit\[{name}\]'"):
        importlib.import_module(f"widelimit.{name}")
