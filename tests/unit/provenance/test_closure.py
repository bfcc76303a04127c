import pytest

from widelimit.provenance.closure import PACKAGE, import_closure, source_digest
from widelimit.provenance.statement import PROJECT

SCRIPTS = PROJECT / "workflow/scripts"


def names(*roots):
    return {p.relative_to(PACKAGE).as_posix() for p in import_closure(*roots)}


def test_the_kernel_rule_depends_on_formulas_and_on_no_study():
    found = names(SCRIPTS / "compute_analytic_kernel.py")
    assert "networks/activations/rectified.py" in found
    assert "kernels/compute.py" in found
    assert not any(n.startswith(("studies/", "claims/", "figures/", "provenance/")) for n in found)


def test_compiled_code_counts_by_its_sources():
    found = names(PACKAGE / "kernels/compute.py")
    assert {"native/steps.py", "native/rows.cpp", "native/duals.hpp"} <= found
    assert "native/rows.cpp" not in names(PACKAGE / "networks/layer.py")


def test_a_module_under_a_computed_name_is_a_root_of_its_own():
    found = names(SCRIPTS / "measure_claim.py", PACKAGE / "claims/c65.py")
    assert "studies/meanfield/chaos.py" in found
    assert "claims/c62.py" not in found


def test_the_digest_follows_the_bytes(tmp_path):
    script = tmp_path / "s.py"
    script.write_text("from widelimit.keys import jax_key\n")
    first = source_digest(script)
    assert source_digest(script) == first
    script.write_text("from widelimit.keys import jax_key  # changed\n")
    assert source_digest(script) != first


def test_imports_inside_functions_count(tmp_path):
    (tmp_path / "s.py").write_text("def f():\n    from widelimit.keys import jax_key\n")
    assert names(tmp_path / "s.py") == {"__init__.py", "keys.py"}


def test_relative_imports_are_refused(tmp_path):
    (tmp_path / "s.py").write_text("from . import keys\n")
    with pytest.raises(ValueError, match="relative import"):
        import_closure(tmp_path / "s.py")


def test_a_root_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not there"):
        import_closure(tmp_path / "nothing.py")
