import json

import pytest
from typer.testing import CliRunner

from widelimit.cli import app
from widelimit.config import Study
from widelimit.provenance.statement import PROJECT

RUN = CliRunner()


def test_check_says_where_results_go():
    result = RUN.invoke(app, ["check", str(PROJECT / "config/smoke.yaml")])
    assert result.exit_code == 0
    assert "results/smoke" in result.output


def test_check_refuses_a_bad_configuration(tmp_path):
    (tmp_path / "c.yaml").write_text("name: x\n")
    result = RUN.invoke(app, ["check", str(tmp_path / "c.yaml")])
    assert result.exit_code == 2
    assert "Field required" in result.output


def test_schema_is_that_of_the_classes():
    assert json.loads(RUN.invoke(app, ["schema"]).output) == Study.model_json_schema()


def test_audit_of_nothing_says_what_to_do(tmp_path):
    result = RUN.invoke(app, ["audit", str(tmp_path)])
    assert result.exit_code == 2
    assert "make report" in result.output


@pytest.mark.parametrize("as_json", [True, False])
def test_audit_exits_with_1_and_names_the_file(tmp_path, as_json):
    (tmp_path / "t/provenance").mkdir(parents=True)
    (tmp_path / "t/stray.nc").write_text("x")
    result = RUN.invoke(app, ["audit", str(tmp_path), *(["--json"] if as_json else [])])
    assert result.exit_code == 1
    assert "stray.nc" in result.output
    assert "orphan" in result.output
