"""What the rules share: the checked study, source digests, and lists of files."""

import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from widelimit.config import check
from widelimit.errors import InputError
from widelimit.modules import claim_module, figure_module
from widelimit.modules import claims as all_claims
from widelimit.provenance.closure import PACKAGE, source_digest
from widelimit.provenance.environment import installed_lock
from widelimit.provenance.locks import enter_run

try:
    study = check(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    enter_run()

claims = all_claims() if study.claims == "all" else list(study.claims)

# What each stage adds to the report: files by the names of figures, figures by those of notebooks, and what the jobs of
# each rule made.
FIGURES, NOTEBOOKS, STATEMENTS = {}, {}, {"prepare_dataset": []}

# Dictionaries, which Snakemake can compare between runs.
settings = study.model_dump(mode="json")

WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent


def sources(rule, *modules):
    """Digest of a rule's script, of all sources that it imports, and of the installed lock."""
    lock = [path for path in [installed_lock()] if path.exists()]
    return source_digest(
        WORKFLOW / "scripts" / f"{rule}.py",
        *(PACKAGE / module for module in modules),
        *lock,
    )


def architecture_of(name):
    """The arguments of `networks.named` for a network of the configuration."""
    network = dict(settings["networks"][name])
    return (
        network | {"b_std": network["b_std"] or None} if "b_std" in network else network
    )


def architecture(wildcards):
    """The same, by wildcards."""
    return architecture_of(wildcards.network)


def without(section, *keys):
    """A section of the configuration without what other rules need from it."""
    return {key: value for key, value in settings[section].items() if key not in keys}


def local_files(wildcards):
    """The user's own files behind a data set, if there are any, so that new files are new inputs."""
    path = settings["datasets"][wildcards.dataset].get("path")
    if path and Path(path).is_dir():
        return sorted(
            map(str, Path(path).glob("*.gz"))
        )  # published files, as they come
    return [path] if path else []


def kernel_pairs():
    """All pairs (data set, network) whose analytic kernels are computed, each once."""
    listed = [*study.kernels, *(study.empirical.pairs if study.empirical else [])]
    return list(dict.fromkeys((p.dataset, n) for p in listed for n in p.networks))


def over_pairs(pattern, pairs):
    """A path for each pair of data set and network."""
    return [
        pattern.format(dataset=dataset, network=network) for dataset, network in pairs
    ]


def notebook_inputs(wildcards):
    """A notebook reads the files of the figures that it shows."""
    return {
        name: files
        for figure in NOTEBOOKS[wildcards.notebook]
        for name, files in FIGURES[figure].items()
    }


def notebook_modules(wildcards):
    """A notebook depends on the figures that it shows."""
    return [figure_module(figure) for figure in NOTEBOOKS[wildcards.notebook]]


def report_statements(wildcards):
    """The statements of all jobs behind the report."""
    stems = STATEMENTS | {"plot_figure": FIGURES, "render_notebook": NOTEBOOKS}
    return [
        f"<statements>/{rule}/{stem}.json"
        for rule, names in stems.items()
        for stem in dict.fromkeys(names)
    ]
