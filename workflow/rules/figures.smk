"""Figures: each drawn from data files alone. A new figure is a new entry in the file of its stage and a new module."""


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
