"""Spectra on data, on the sphere, and against depth."""

FIGURES["kernels"] = {
    "sphere": "<tree>/spectra/sphere.nc",
    "kernel": over_pairs(
        "<tree>/kernels/analytic/{dataset}/{network}.nc", kernel_pairs()
    )[0],
    "dataset": over_pairs("<tree>/datasets/{dataset}.nc", kernel_pairs())[0],
}
FIGURES["spectra"] = {
    "spectra": over_pairs("<tree>/spectra/{dataset}/{network}.nc", kernel_pairs())
}
FIGURES["sphere"] = {"sphere": "<tree>/spectra/sphere.nc"}
FIGURES["conditioning"] = {"conditioning": "<tree>/spectra/conditioning.nc"}
NOTEBOOKS["kernels"] = ["kernels"]
NOTEBOOKS["spectra"] = ["spectra", "sphere", "conditioning"]
STATEMENTS["prepare_dataset"] += [study.spectra.depth_dataset]
STATEMENTS["compute_spectrum"] = over_pairs("{dataset}/{network}", kernel_pairs())
STATEMENTS["compute_sphere_spectrum"] = ["sphere"]
STATEMENTS["compute_conditioning"] = ["conditioning"]


rule compute_spectrum:
    input:
        kernel="<tree>/kernels/analytic/{dataset}/{network}.nc",
    output:
        spectrum="<tree>/spectra/{dataset}/{network}.nc",
        statement="<statements>/compute_spectrum/{dataset}/{network}.json",
    log:
        "<logs>/compute_spectrum/{dataset}/{network}.log",
    benchmark:
        "<benchmarks>/compute_spectrum/{dataset}/{network}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        seed=study.seed,
        decay_range=settings["spectra"]["decay_range"],
        sources=sources("compute_spectrum"),
    message:
        "spectrum of {wildcards.network} on {wildcards.dataset}"
    script:
        "../scripts/compute_spectrum.py"


rule compute_sphere_spectrum:
    output:
        spectrum="<tree>/spectra/sphere.nc",
        statement="<statements>/compute_sphere_spectrum/sphere.json",
    log:
        "<logs>/compute_sphere_spectrum/sphere.log",
    benchmark:
        "<benchmarks>/compute_sphere_spectrum/sphere.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        settings={
            key: value
            for key, value in settings["spectra"].items()
            if key.startswith("sphere")
        },
        networks={
            name: architecture_of(name)
            for name, network in study.networks.items()
            if network.kind == "mlp"
        },
        seed=study.seed,
        sources=sources("compute_sphere_spectrum"),
    message:
        "exact spectra on the sphere"
    script:
        "../scripts/compute_sphere_spectrum.py"


rule compute_conditioning:
    input:
        dataset=f"<tree>/datasets/{study.spectra.depth_dataset}.nc",
    output:
        conditioning="<tree>/spectra/conditioning.nc",
        statement="<statements>/compute_conditioning/conditioning.json",
    log:
        "<logs>/compute_conditioning/conditioning.log",
    benchmark:
        "<benchmarks>/compute_conditioning/conditioning.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        dataset=study.spectra.depth_dataset,
        samples=study.spectra.depth_samples,
        depths=study.spectra.depths,
        sources=sources("compute_conditioning"),
    message:
        "conditioning against depth"
    script:
        "../scripts/compute_conditioning.py"
