"""Analytic kernels of infinitely wide networks."""

STATEMENTS["prepare_dataset"] += [dataset for dataset, _ in kernel_pairs()]
STATEMENTS["compute_analytic_kernel"] = over_pairs(
    "{dataset}/{network}", kernel_pairs()
)


rule compute_analytic_kernel:
    input:
        dataset="<tree>/datasets/{dataset}.nc",
    output:
        kernel="<tree>/kernels/analytic/{dataset}/{network}.nc",
        statement="<statements>/compute_analytic_kernel/{dataset}/{network}.json",
    log:
        "<logs>/compute_analytic_kernel/{dataset}/{network}.log",
    benchmark:
        "<benchmarks>/compute_analytic_kernel/{dataset}/{network}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        network=architecture,
        precision=study.precision,
        sources=sources("compute_analytic_kernel"),
    message:
        "analytic kernels of {wildcards.network} on {wildcards.dataset}"
    script:
        "../scripts/compute_analytic_kernel.py"
