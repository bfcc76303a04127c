"""Data sets: loaded, split, standardised."""


rule prepare_dataset:
    input:
        local_files,
    output:
        dataset="<tree>/datasets/{dataset}.nc",
        statement="<statements>/prepare_dataset/{dataset}.json",
    log:
        "<logs>/prepare_dataset/{dataset}.log",
    benchmark:
        "<benchmarks>/prepare_dataset/{dataset}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        settings=lambda wildcards: settings["datasets"][wildcards.dataset],
        seed=study.seed,
        sources=sources("prepare_dataset"),
    message:
        "preparing data set {wildcards.dataset}"
    script:
        "../scripts/prepare_dataset.py"
