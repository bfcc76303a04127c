"""Gaussian processes with the kernels of a network beside those with others."""

FIGURES["processes"] = {
    "processes": expand(
        "<tree>/processes/{dataset}.nc", dataset=study.processes.datasets
    )
}
NOTEBOOKS["processes"] = ["processes"]
STATEMENTS["prepare_dataset"] += study.processes.datasets
STATEMENTS["compare_processes"] = study.processes.datasets


rule compare_processes:
    input:
        dataset="<tree>/datasets/{dataset}.nc",
    output:
        comparison="<tree>/processes/{dataset}.nc",
        statement="<statements>/compare_processes/{dataset}.json",
    log:
        "<logs>/compare_processes/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_processes/{dataset}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        network=architecture_of(study.processes.network),
        settings=without("processes", "datasets", "network"),
        seed=study.seed,
        sources=sources("compare_processes"),
    message:
        "comparing Gaussian processes on {wildcards.dataset}"
    script:
        "../scripts/compare_processes.py"
