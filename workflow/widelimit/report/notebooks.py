"""Executing notebook templates on a study's data, with the same bytes for the same results."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbconvert import HTMLExporter

from widelimit.store import atomic

__all__ = ["render"]


def render(
    template: str | Path,
    parameters: Mapping[str, Any],
    notebook: str | Path,
    html: str | Path,
) -> None:
    """Execute a template with papermill; write the executed notebook and a page of it.

    Args:
        template: a notebook with a cell tagged ``parameters``.
        parameters: values for it: paths of data files, by name.
        notebook, html: the files to write. Clocks and random identifiers are removed.
    """
    plain = {name: v if isinstance(v, str) else list(v) for name, v in parameters.items()}
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder, "executed.ipynb")
        papermill.execute_notebook(
            str(template),
            str(executed),
            parameters=plain,
            progress_bar=False,
            kernel_name="python3",
        )
        node = _canonical(nbformat.read(executed, as_version=4))
    with atomic(notebook) as path:
        path.write_text(nbformat.writes(node) + "\n", encoding="utf-8")
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jquery_url="", exclude_input=False)
    page, _ = exporter.from_notebook_node(node, {"metadata": {"name": Path(template).stem}})
    with atomic(html) as path:
        path.write_text(page, encoding="utf-8")


def _canonical(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without clocks, counters and random identifiers."""
    node.metadata.pop("papermill", None)
    for i, cell in enumerate(node.cells):
        cell["id"] = f"cell-{i}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell["execution_count"] = None
            for output in cell.get("outputs", []):
                if output.output_type == "execute_result":
                    output["execution_count"] = None
    return node
