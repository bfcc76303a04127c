"""Notebooks, the report page, and Snakemake's own report."""

TEMPLATES = Path(os.path.relpath(WORKFLOW.parent / "notebooks"))


rule render_notebook:
    input:
        unpack(notebook_inputs),
        template=lambda wildcards: TEMPLATES / f"{wildcards.notebook}.ipynb",
    output:
        notebook="<tree>/notebooks/{notebook}.ipynb",
        html="<tree>/notebooks/{notebook}.html",
        statement="<statements>/render_notebook/{notebook}.json",
    log:
        "<logs>/render_notebook/{notebook}.log",
    benchmark:
        "<benchmarks>/render_notebook/{notebook}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem="2GB",
        runtime=10,
    params:
        inputs=lambda wildcards: list(notebook_inputs(wildcards)),
        modules=notebook_modules,
        sources=lambda wildcards: sources(
            "render_notebook", *notebook_modules(wildcards)
        ),
    message:
        "rendering notebook {wildcards.notebook}"
    script:
        "../scripts/render_notebook.py"


rule build_report:
    input:
        ledger="<tree>/claims/ledger.json",
        figures=expand("<tree>/figures/{figure}.svg", figure=FIGURES),
        notebooks=expand("<tree>/notebooks/{notebook}.html", notebook=NOTEBOOKS),
        statements=report_statements,
        template=os.path.relpath(PACKAGE / "report" / "page.html.j2"),
    output:
        page="<tree>/report/index.html",
        statement="<statements>/build_report/index.json",
    log:
        "<logs>/build_report/index.log",
    benchmark:
        "<benchmarks>/build_report/index.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem="1GB",
        runtime=10,
    params:
        study=study.name,
        modules=[figure_module(figure) for figure in FIGURES],
        sources=sources("build_report", *(figure_module(figure) for figure in FIGURES)),
    message:
        "building the report"
    script:
        "../scripts/build_report.py"


rule render_snakemake_report:
    input:
        page="<tree>/report/index.html",
    output:
        archive="<tree>/report/snakemake.zip",
        statement="<statements>/render_snakemake_report/snakemake.json",
    log:
        "<logs>/render_snakemake_report/snakemake.log",
    benchmark:
        "<benchmarks>/render_snakemake_report/snakemake.jsonl"
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem="1GB",
        runtime=10,
    params:
        snakefile=os.path.relpath(WORKFLOW / "Snakefile"),
        config=dict(config),
        sources=sources("render_snakemake_report"),
    message:
        "rendering Snakemake's own report"
    script:
        "../scripts/render_snakemake_report.py"
