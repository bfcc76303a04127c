import json

import pytest
from typer.testing import CliRunner

from widelimit.cli import app
from widelimit.config import Study
from widelimit.planning import Device, Speed
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


def test_a_plan_says_what_a_kernel_costs(tmp_path):
    speed = {"pairs_per_second": 100.0, "tile": 64}
    machine = Device(
        description="a machine", memory=2**36, flops=1e11, widelimit="0.1", date="2026-01-01",
        speeds={"myrtle10 on 32×32×3, float32": Speed(**speed)},
    )  # fmt: skip
    machine.save(tmp_path / "machine.json")
    asked = [
        "plan",
        "--network",
        "myrtle10",
        "--samples",
        "60000",
        "--jobs",
        "64",
        "--device",
        str(tmp_path / "machine.json"),
    ]
    result = RUN.invoke(app, asked, env={"COLUMNS": "160"})
    assert result.exit_code == 0
    for said in (
        "100 pairs/s on a machine",
        "1.8e+09",
        "5,000",
        "3.3 days",
        "6.71 GiB",
        "Cholesky",
        "conjugate gradients",
    ):
        assert said in result.output, said
    refused = RUN.invoke(app, [*asked, "--dtype", "float64"])
    assert refused.exit_code == 2
    assert "was not measured there" in refused.output


def test_a_plan_of_an_unknown_network_is_refused():
    result = RUN.invoke(app, ["plan", "--network", "vgg"])
    assert result.exit_code == 2
    assert "there is no network 'vgg'" in result.output
