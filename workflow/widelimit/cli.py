"""The command ``widelimit``: check a configuration, audit results."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from widelimit.config import Study, read
from widelimit.config.page import page
from widelimit.errors import InputError
from widelimit.provenance.audit import VERDICTS, Finding, audit, discard, trees

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)


@app.command("audit")
def audit_command(
    folder: Annotated[Path, typer.Argument(help="a results tree, or a folder of such trees")],
    as_json: Annotated[bool, typer.Option("--json", help="print findings as JSON")] = False,
    remove: Annotated[
        bool,
        typer.Option(
            "--discard",
            help="remove what is tampered, and statements of what is missing, so that the next run makes it anew",
        ),
    ] = False,
) -> None:
    """Check every artifact against its provenance statement; exit 1 if any is not verified."""
    try:
        found = {str(tree): audit(tree) for tree in trees(folder)}
    except InputError as error:
        _fail(error)
    if as_json:
        plain = {tree: [vars(f) for f in findings] for tree, findings in found.items()}
        typer.echo(json.dumps(plain, indent=1))
    else:
        for tree, findings in found.items():
            _print(tree, findings)
    if remove:
        for tree, findings in found.items():
            for name in discard(Path(tree), findings):
                typer.echo(f"removed {tree}/{name}", err=True)
    if any(f.verdict != "verified" for findings in found.values() for f in findings):
        raise typer.Exit(1)


@app.command()
def plan(
    network: Annotated[
        str, typer.Option(help="myrtle5, myrtle7, myrtle10, cntk11, cntk11-flat, …")
    ],
    samples: Annotated[int, typer.Option(help="training samples", min=1)] = 60_000,
    test: Annotated[int, typer.Option(help="test samples", min=0)] = 0,
    inputs: Annotated[str, typer.Option(help="shape of an input")] = "32x32x3",
    dtype: Annotated[str, typer.Option(help="precision: float32 or float64")] = "float32",
    jobs: Annotated[int, typer.Option(help="jobs that share the tiles", min=1)] = 1,
    device: Annotated[
        str | None,
        typer.Option(
            help="a machine that was measured, by its name or file; this one is measured if none is given"
        ),
    ] = None,
    reading: Annotated[float, typer.Option(help="bytes per second from the disk", min=1)] = 1e9,
    save: Annotated[
        Path | None,
        typer.Option(help="file for what is measured, to be given as --device elsewhere"),
    ] = None,
) -> None:
    """Say what a kernel costs before it is computed: pairs, hours, disk, and how to solve with it."""
    from widelimit import planning
    from widelimit.networks import by_name
    from widelimit.planning.table import plan_table

    if dtype not in ("float32", "float64"):
        _fail(InputError(f"--dtype is {dtype!r}, expected float32 or float64."))
    try:
        shape = tuple(map(int, inputs.split("x")))
    except ValueError:
        _fail(InputError(f"--inputs is {inputs!r}, expected numbers such as 32x32x3."))
    name = planning.key(network, shape, dtype)
    try:
        net = by_name(network)
        found = (
            planning.measure(network, net, shape, dtype)
            if device is None
            else planning.device(device)
        )
        speed = found.speed(name)
    except ValueError as error:
        _fail(error)
    if save is not None:
        found.save(save)
    itemsize = 4 if dtype == "float32" else 8
    sizes = dict.fromkeys([samples, 1_000_000, 5_000_000])
    plans = [
        planning.costs(found, speed, n, test=test, itemsize=itemsize, reading=reading)
        for n in sizes
    ]
    Console().print(plan_table(name, found, plans, jobs))


@app.command()
def check(config: Annotated[Path, typer.Argument(help="a configuration file")]) -> None:
    """Check a configuration and say where its results go."""
    try:
        study = read(config)
    except (InputError, OSError) as error:
        _fail(error)
    typer.echo(f"{config} is a valid study: results go to results/{study.name}")


@app.command()
def schema(
    as_page: Annotated[bool, typer.Option("--page", help="print a page in Markdown")] = False,
) -> None:
    """Print the JSON schema of the configuration, or the page that explains its keys."""
    if as_page:
        typer.echo(page())
    else:
        typer.echo(json.dumps(Study.model_json_schema(), indent=1, ensure_ascii=False))


def _print(tree: str, findings: list[Finding]) -> None:
    console = Console()
    counts = Counter(f.verdict for f in findings)
    bad = [f for f in findings if f.verdict != "verified"]
    if bad:
        table = Table("artifact", "verdict", "why")
        for finding in bad:
            table.add_row(finding.path, finding.verdict, finding.reason)
        console.print(table)
        console.print(
            f"Remove what is tampered by `widelimit audit {tree} --discard`, then run the study again: that makes "
            f"anew what is missing or stale, and what the report shows. Any other file is made by its name: snakemake {tree}/…",
            highlight=False,
        )
    summary = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v]) or "nothing to check"
    console.print(f"{tree}: {summary}", highlight=False)


def _fail(error: Exception) -> NoReturn:
    typer.echo(f"error: {error}", err=True)
    raise typer.Exit(2)
