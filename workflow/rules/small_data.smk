"""Kernels of images in shares for jobs side by side, and what they learn from few images."""

IMAGE_KERNELS = [
    f"{study.small_data.dataset}/{network}" for network in study.small_data.networks
]
HALVES = [f"{stem}/{half}" for stem in IMAGE_KERNELS for half in ("train", "test")]

FIGURES["small_data"] = {
    "accuracies": expand("<tree>/small_data/{stem}.nc", stem=IMAGE_KERNELS)
}
NOTEBOOKS["small_data"] = ["small_data"]
STATEMENTS["prepare_dataset"] += [study.small_data.dataset]
STATEMENTS["compute_kernel_share"] = [
    f"{half}/{share}-of-{study.small_data.shares}"
    for half in HALVES
    for share in range(study.small_data.shares)
]
STATEMENTS["gather_kernel"] = HALVES
STATEMENTS["measure_small_data"] = IMAGE_KERNELS


rule compute_kernel_share:
    input:
        dataset="<tree>/datasets/{dataset}.nc",
    # Tiles are no outputs, which a job that fails would lose: what is there of a share that was stopped is kept.
    output:
        receipt="<tree>/kernels/shares/{dataset}/{network}/{half}/{share}-of-{shares}.json",
        statement="<statements>/compute_kernel_share/{dataset}/{network}/{half}/{share}-of-{shares}.json",
    log:
        "<logs>/compute_kernel_share/{dataset}/{network}/{half}/{share}-of-{shares}.log",
    benchmark:
        "<benchmarks>/compute_kernel_share/{dataset}/{network}/{half}/{share}-of-{shares}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 16
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        network=architecture,
        precision=study.small_data.precision,
        sources=sources("compute_kernel_share"),
    message:
        "kernel of {wildcards.network} on {wildcards.dataset} ({wildcards.half}): share {wildcards.share} of {wildcards.shares}"
    script:
        "../scripts/compute_kernel_share.py"


rule gather_kernel:
    input:
        receipts=expand(
            "<tree>/kernels/shares/{{dataset}}/{{network}}/{{half}}/{share}-of-{shares}.json",
            share=range(study.small_data.shares),
            shares=study.small_data.shares,
        ),
    output:
        index="<tree>/kernels/shares/{dataset}/{network}/{half}/all.json",
        statement="<statements>/gather_kernel/{dataset}/{network}/{half}.json",
    log:
        "<logs>/gather_kernel/{dataset}/{network}/{half}.log",
    benchmark:
        "<benchmarks>/gather_kernel/{dataset}/{network}/{half}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        sources=sources("gather_kernel"),
    message:
        "all shares of the kernel of {wildcards.network} on {wildcards.dataset} ({wildcards.half})"
    script:
        "../scripts/gather_kernel.py"


rule measure_small_data:
    input:
        dataset="<tree>/datasets/{dataset}.nc",
        train="<tree>/kernels/shares/{dataset}/{network}/train/all.json",
        test="<tree>/kernels/shares/{dataset}/{network}/test/all.json",
    output:
        accuracy="<tree>/small_data/{dataset}/{network}.nc",
        statement="<statements>/measure_small_data/{dataset}/{network}.json",
    log:
        "<logs>/measure_small_data/{dataset}/{network}.log",
    benchmark:
        "<benchmarks>/measure_small_data/{dataset}/{network}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        settings={
            key: settings["small_data"][key] for key in ("sizes", "draws", "resamples")
        },
        seed=study.seed,
        sources=sources("measure_small_data"),
    message:
        "what the kernel of {wildcards.network} learns from few images of {wildcards.dataset}"
    script:
        "../scripts/measure_small_data.py"
