"""Empirical tangent kernels at many widths, and how they approach the limit."""

EMPIRICAL = [(p.dataset, n) for p in study.empirical.pairs for n in p.networks]

FIGURES["width_scaling"] = {
    "scaling": over_pairs("<tree>/scaling/{dataset}/{network}.nc", EMPIRICAL)
}
NOTEBOOKS["scaling"] = ["width_scaling"]
STATEMENTS["compute_empirical_kernel"] = [
    f"{stem}/w{width}"
    for stem in over_pairs("{dataset}/{network}", EMPIRICAL)
    for width in study.empirical.widths
]
STATEMENTS["fit_width_scaling"] = over_pairs("{dataset}/{network}", EMPIRICAL)


rule compute_empirical_kernel:
    input:
        dataset="<tree>/datasets/{dataset}.nc",
    output:
        manifest="<tree>/kernels/empirical/{dataset}/{network}/w{width}.json",
        statement="<statements>/compute_empirical_kernel/{dataset}/{network}/w{width}.json",
    log:
        "<logs>/compute_empirical_kernel/{dataset}/{network}/w{width}.log",
    benchmark:
        "<benchmarks>/compute_empirical_kernel/{dataset}/{network}/w{width}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        network=architecture,
        samples=study.empirical.samples,
        seeds=study.empirical.seeds,
        seeds_per_chunk=study.empirical.seeds_per_chunk,
        seed=study.seed,
        sources=sources("compute_empirical_kernel"),
    message:
        "empirical kernels of {wildcards.network} at width {wildcards.width} on {wildcards.dataset}"
    script:
        "../scripts/compute_empirical_kernel.py"


rule fit_width_scaling:
    input:
        manifests=expand(
            "<tree>/kernels/empirical/{{dataset}}/{{network}}/w{width}.json",
            width=sorted(study.empirical.widths),
        ),
        kernel="<tree>/kernels/analytic/{dataset}/{network}.nc",
    output:
        scaling="<tree>/scaling/{dataset}/{network}.nc",
        statement="<statements>/fit_width_scaling/{dataset}/{network}.json",
    log:
        "<logs>/fit_width_scaling/{dataset}/{network}.log",
    benchmark:
        "<benchmarks>/fit_width_scaling/{dataset}/{network}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        seed=study.seed,
        fit_from=study.empirical.fit_from,
        sources=sources("fit_width_scaling"),
    message:
        "width scaling of {wildcards.network} on {wildcards.dataset}"
    script:
        "../scripts/fit_width_scaling.py"
