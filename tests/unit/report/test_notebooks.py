import nbformat
import pytest

from widelimit.provenance.statement import PROJECT
from widelimit.report.notebooks import render

KERNEL = {"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}}
TEMPLATES = sorted((PROJECT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_templates_hold_no_outputs_and_have_one_cell_of_parameters(path):
    notebook = nbformat.read(path, as_version=4)
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert tags.count("parameters") == 1
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


@pytest.fixture
def template(tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("path = ''", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("path + '!'"),
        ],
        metadata=KERNEL,
    )
    nbformat.write(notebook, tmp_path / "t.ipynb")
    return tmp_path / "t.ipynb"


def test_the_same_run_gives_the_same_bytes(template, tmp_path):
    for name in "ab":
        render(template, {"path": "x"}, tmp_path / f"{name}.ipynb", tmp_path / f"{name}.html")
    assert (tmp_path / "a.ipynb").read_bytes() == (tmp_path / "b.ipynb").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert "x!" in (tmp_path / "a.html").read_text()


def test_a_notebook_with_a_figure_gives_the_same_bytes(tmp_path):
    from widelimit.networks import mlp
    from widelimit.store import stack, write
    from widelimit.theory.sphere_study import sphere_study

    part = sphere_study(mlp("relu", 2), seed=0, dimension=3, degrees=5, samples=20)
    write(stack("network", {"relu2": part}, "network"), tmp_path / "s.nc")
    notebook = nbformat.v4.new_notebook(metadata=KERNEL)
    notebook.cells = [
        nbformat.v4.new_code_cell("sphere = ''", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            "from widelimit import store\nfrom widelimit.figures import sphere as figure\n"
            "from widelimit.figures.style import show\nshow(figure.draw(store.read(sphere)))"
        ),
    ]
    nbformat.write(notebook, tmp_path / "t.ipynb")
    for name in "ab":
        given = {"sphere": str(tmp_path / "s.nc")}
        render(tmp_path / "t.ipynb", given, tmp_path / f"{name}.ipynb", tmp_path / f"{name}.html")
    assert "svg" in (tmp_path / "a.ipynb").read_text()
    assert (tmp_path / "a.ipynb").read_bytes() == (tmp_path / "b.ipynb").read_bytes()


def test_a_notebook_that_fails_leaves_no_file(template, tmp_path):
    notebook = nbformat.read(template, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, template)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        render(template, {"path": "x"}, tmp_path / "a.ipynb", tmp_path / "a.html")
    assert not (tmp_path / "a.ipynb").exists()
