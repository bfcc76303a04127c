"""The smoke study from end to end: what it leaves, that it is audited, that it is not done twice."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
import xarray as xr

FIGURES = {
    "conditioning", "decoder", "double_descent", "image_networks", "kernels", "ledger", "mean_field", "overfitting",
    "pinn", "processes", "small_data", "spectra", "sphere", "width_scaling",
}  # fmt: skip


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.ids = [], set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given["id"]} if "id" in given else set()
        self.targets += [given[k] for k in ("href", "src", "data") if k in given]


@pytest.fixture(scope="module")
def tree(smoke):
    return smoke.folder / "results" / "smoke"


def test_every_array_has_names_and_units(tree):
    files = sorted(tree.rglob("*.nc"))
    assert len(files) > 20
    for file in files:
        with xr.open_dataset(file) as dataset:
            for name, variable in dataset.variables.items():
                assert {"long_name", "units"} <= set(variable.attrs), f"{file}: {name}"


def test_figures_are_drawn(tree):
    assert {p.stem for p in (tree / "figures").glob("*.svg")} == FIGURES
    for path in (tree / "figures").glob("*.svg"):
        assert ET.parse(path).getroot().tag.endswith("svg")


def test_notebooks_ran_without_errors_and_need_no_network(tree):
    pages = sorted((tree / "notebooks").glob("*.html"))
    assert len(pages) == 11
    for page in pages:
        notebook = json.loads(page.with_suffix(".ipynb").read_text())
        outputs = [o for cell in notebook["cells"] for o in cell.get("outputs", [])]
        assert not [o for o in outputs if o["output_type"] == "error"]
        assert [o for o in outputs if "image/svg+xml" in o.get("data", {})]
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.read_text())


def test_the_report_stands_alone_and_all_its_links_lead_somewhere(tree):
    page = tree / "report" / "index.html"
    links = Links()
    links.feed(page.read_text())
    assert len(links.targets) > 20
    for target in links.targets:
        assert not target.startswith(("http", "//")), target
        if target.startswith("#"):
            assert target[1:] in links.ids, target
        elif not target.startswith("data:"):
            assert (page.parent / unquote(target).split("#")[0]).exists(), target
    assert (tree / "report" / "snakemake.zip").stat().st_size > 100_000


def test_the_ledger_has_the_claims_asked_for(tree):
    entries = json.loads((tree / "claims" / "ledger.json").read_text())
    assert [e["id"] for e in entries] == ["C16", "C26"]
    assert all(e["as_expected"] for e in entries)


def test_the_audit_verifies_everything(smoke, tree):
    verdicts = smoke.verdicts()
    assert set(verdicts.values()) == {"verified"}
    records = {"benchmarks", "logs", "provenance"}
    files = (p for p in tree.rglob("*") if p.is_file() and not p.name.startswith(".lock"))
    there = {p.relative_to(tree) for p in files}
    assert set(verdicts) == {p.as_posix() for p in there if p.parts[0] not in records}


def test_nothing_is_written_outside_of_the_results_of_the_study(smoke):
    assert {p.name for p in (smoke.folder / "results").iterdir()} == {"README.md", "smoke"}


def test_a_second_run_has_nothing_to_do(smoke):
    assert smoke.planned(*smoke.SMOKE) == {}
    assert smoke.planned("--snakefile", "workflow/Snakefile", *smoke.SMOKE) == {}


def test_what_the_page_links_to_is_made_again_when_it_is_deleted(copy_of_smoke):
    for name in ("notebooks/pinn.ipynb", "figures/sphere.svg", "claims/C16.nc"):
        (copy_of_smoke.folder / "results/smoke" / name).unlink()
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    # With the claim, the ledger's figure and notebook are made again.
    assert planned["measure_claim"] == 1
    assert planned["plot_figure"] == planned["render_notebook"] == 2


def test_both_entries_plan_the_default_study_alike(smoke):
    planned = smoke.planned()
    assert planned == smoke.planned("--snakefile", "workflow/Snakefile")
    assert planned["measure_claim"] >= 15


def test_a_new_width_computes_that_width_and_what_depends_on_it(copy_of_smoke):
    copy_of_smoke.edit("config/smoke.yaml", "widths: [16, 32, 64]", "widths: [16, 24, 32, 64]")
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    assert planned == {
        "compute_empirical_kernel": 1, "fit_width_scaling": 1, "plot_figure": 1,
        "render_notebook": 1, "build_report": 1, "render_snakemake_report": 1,
    }  # fmt: skip


def test_another_convolutional_network_has_tiles_of_its_own(copy_of_smoke):
    copy_of_smoke.edit("config/smoke.yaml", "kind: cntk, depth: 3", "kind: cntk, depth: 4")
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    assert planned == {
        "compute_kernel_share": 4, "gather_kernel": 2, "measure_small_data": 1, "plot_figure": 1,
        "render_notebook": 1, "build_report": 1, "render_snakemake_report": 1,
    }  # fmt: skip
    index = "results/smoke/kernels/shares/digits/gap3/train/all.json"
    before = json.loads((copy_of_smoke.folder / index).read_text())["tiles"]
    copy_of_smoke.snakemake(index, *copy_of_smoke.SMOKE)
    after = json.loads((copy_of_smoke.folder / index).read_text())["tiles"]
    folders = {p.name for p in (copy_of_smoke.folder / index).parent.glob("tiles-*")}
    assert folders == {after}
    assert after != before


def test_a_tile_that_is_tampered_is_made_again_and_no_other(copy_of_smoke):
    tree = copy_of_smoke.folder / "results" / "smoke"
    tiles = {p: p.stat().st_mtime_ns for p in tree.rglob("tile-*.nc")}
    broken = min(tiles)
    with broken.open("ab") as file:
        file.write(b"x")
    removed = copy_of_smoke.audit("--discard").stderr
    assert f"removed results/smoke/{broken.relative_to(tree)}" in removed
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    assert planned["compute_kernel_share"] == planned["gather_kernel"] == 1
    copy_of_smoke.snakemake(*copy_of_smoke.SMOKE)
    assert set(copy_of_smoke.verdicts().values()) == {"verified"}
    assert {p for p, time in tiles.items() if p.stat().st_mtime_ns != time} == {broken}


def test_an_edited_study_reruns_no_kernel(copy_of_smoke):
    copy_of_smoke.edit(
        "workflow/widelimit/studies/meanfield/lq_game.py", "class Game:", "class Game:  # edited"
    )
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    assert planned["solve_game"] == planned["simulate_particles"] == 1
    assert not {"compute_analytic_kernel", "compute_empirical_kernel", "train_pinn"} & set(planned)


def test_an_edited_formula_reruns_every_job_that_imports_it(copy_of_smoke):
    copy_of_smoke.edit(
        "workflow/widelimit/networks/activations/rectified.py",
        "return Dual(q1 / 2, q2 / 2, one_minus_kappa(1, delta), kappa0(delta) / 2)",
        "return Dual(q1 / 3, q2 / 3, one_minus_kappa(1, delta), kappa0(delta) / 3)",
    )
    planned = copy_of_smoke.planned(*copy_of_smoke.SMOKE)
    importers = {
        "compute_analytic_kernel": 1, "compute_empirical_kernel": 3, "compute_sphere_spectrum": 1,
        "compute_conditioning": 1, "measure_overfitting": 1, "train_pinn": 2, "measure_claim": 2,
        "decode_five_qubit": 1, "decode_surface_code": 1, "compare_processes": 1,
    }  # fmt: skip
    assert {rule: planned.get(rule) for rule in importers} == importers
    assert not {"prepare_dataset", "measure_double_descent", "solve_game"} & set(planned)


def test_the_audit_finds_an_edited_formula_stale(copy_of_smoke):
    copy_of_smoke.edit(
        "workflow/widelimit/networks/activations/rectified.py",
        "class Relu(",
        "class Relu (",
    )
    verdicts = copy_of_smoke.verdicts()
    assert verdicts["kernels/analytic/digits/relu3.nc"] == "stale"
    assert verdicts["datasets/digits.nc"] == "verified"


def test_the_audit_finds_tampered_missing_and_orphan_files(copy_of_smoke):
    tree = copy_of_smoke.folder / "results" / "smoke"
    with (tree / "claims/C16.nc").open("ab") as file:
        file.write(b"x")
    (tree / "figures/ledger.svg").unlink()
    (tree / "figures/extra.svg").write_text("x")
    verdicts = copy_of_smoke.verdicts()
    assert verdicts["claims/C16.nc"] == "tampered"
    assert verdicts["figures/ledger.svg"] == "missing"
    assert verdicts["figures/extra.svg"] == "orphan"
    assert verdicts["claims/ledger.json"] == "stale"


def test_figures_regenerate_with_the_same_bytes(copy_of_smoke):
    path = copy_of_smoke.folder / "results/smoke/figures/spectra.svg"
    before = path.read_bytes()
    path.unlink()
    copy_of_smoke.snakemake("results/smoke/figures/spectra.svg", *copy_of_smoke.SMOKE)
    assert path.read_bytes() == before


def test_results_are_made_again_with_the_same_numbers(copy_of_smoke):
    targets = ["kernels/analytic/digits/relu3.nc", "claims/C26.nc", "mean_field/game.nc"]
    paths = [copy_of_smoke.folder / "results/smoke" / target for target in targets]
    before = [xr.load_dataset(path) for path in paths]
    for path in paths:
        path.unlink()
    copy_of_smoke.snakemake(
        *(f"results/smoke/{target}" for target in targets), *copy_of_smoke.SMOKE
    )
    for path, old in zip(paths, before, strict=True):
        new = xr.load_dataset(path)
        xr.testing.assert_equal(new.drop_vars("seconds", errors="ignore"),
                                old.drop_vars("seconds", errors="ignore"))  # fmt: skip
