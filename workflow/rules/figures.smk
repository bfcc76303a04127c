"""Figures: each drawn from data files alone. A new figure is a new entry here and a new module."""

FIGURES = {
    "ledger": {"measurements": expand("<tree>/claims/{claim}.nc", claim=claims)},
    "kernels": {
        "sphere": "<tree>/spectra/sphere.nc",
        "kernel": over_pairs(
            "<tree>/kernels/analytic/{dataset}/{network}.nc", kernel_pairs()
        )[0],
        "dataset": over_pairs("<tree>/datasets/{dataset}.nc", kernel_pairs())[0],
    },
    "width_scaling": {
        "scaling": over_pairs(
            "<tree>/scaling/{dataset}/{network}.nc", empirical_pairs()
        )
    },
    "spectra": {
        "spectra": over_pairs("<tree>/spectra/{dataset}/{network}.nc", kernel_pairs())
    },
    "sphere": {"sphere": "<tree>/spectra/sphere.nc"},
    "conditioning": {"conditioning": "<tree>/spectra/conditioning.nc"},
    "overfitting": {"overfitting": "<tree>/overfitting/overfitting.nc"},
    "double_descent": {"descent": "<tree>/overfitting/double_descent.nc"},
    "processes": {
        "processes": expand(
            "<tree>/processes/{dataset}.nc", dataset=study.processes.datasets
        )
    },
    "pinn": {
        "pinn": expand(
            "<tree>/pinn/{problem}-{activation}.nc",
            problem=["bar", "plane"],
            activation=study.pinn.activations,
        ),
        "elements": "<tree>/pinn/elements.nc",
    },
    "decoder": {
        "five_qubit": "<tree>/decoder/five_qubit.nc",
        "surface": expand(
            "<tree>/decoder/surface-d{distance}.nc",
            distance=study.surface_code.distances,
        ),
    },
    "mean_field": {
        "particles": "<tree>/mean_field/particles.nc",
        "game": "<tree>/mean_field/game.nc",
    },
}

if study.small_data:
    FIGURES["small_data"] = {
        "accuracies": expand(
            "<tree>/small_data/{dataset}/{network}.nc",
            dataset=study.small_data.dataset,
            network=study.small_data.networks,
        )
    }


rule plot_figure:
    input:
        unpack(lambda wildcards: FIGURES[wildcards.figure]),
    output:
        figure=report(
            "<tree>/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        statement="<statements>/plot_figure/{figure}.json",
    log:
        "<logs>/plot_figure/{figure}.log",
    benchmark:
        "<benchmarks>/plot_figure/{figure}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem="2GB",
        runtime=10,
    params:
        inputs=lambda wildcards: list(FIGURES[wildcards.figure]),
        modules=lambda wildcards: [figure_module(wildcards.figure)],
        sources=lambda wildcards: sources(
            "plot_figure", figure_module(wildcards.figure)
        ),
    message:
        "drawing figure {wildcards.figure}"
    script:
        "../scripts/plot_figure.py"
