"""Interpolation of noise, and double descent."""

FIGURES["overfitting"] = {"overfitting": "<tree>/overfitting/overfitting.nc"}
FIGURES["double_descent"] = {"descent": "<tree>/overfitting/double_descent.nc"}
NOTEBOOKS["overfitting"] = ["overfitting", "double_descent"]
STATEMENTS["prepare_dataset"] += [study.overfitting.dataset]
STATEMENTS["measure_overfitting"] = ["overfitting"]
STATEMENTS["measure_double_descent"] = ["double_descent"]


rule measure_overfitting:
    input:
        dataset=f"<tree>/datasets/{study.overfitting.dataset}.nc",
    output:
        overfitting="<tree>/overfitting/overfitting.nc",
        statement="<statements>/measure_overfitting/overfitting.json",
    log:
        "<logs>/measure_overfitting/overfitting.log",
    benchmark:
        "<benchmarks>/measure_overfitting/overfitting.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        settings={
            key: settings["overfitting"][key] for key in ("sizes", "trials", "test")
        },
        dataset=study.overfitting.dataset,
        seed=study.seed,
        sources=sources("measure_overfitting"),
    message:
        "interpolating noise"
    script:
        "../scripts/measure_overfitting.py"


rule measure_double_descent:
    output:
        descent="<tree>/overfitting/double_descent.nc",
        statement="<statements>/measure_double_descent/double_descent.json",
    log:
        "<logs>/measure_double_descent/double_descent.log",
    benchmark:
        "<benchmarks>/measure_double_descent/double_descent.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        settings={
            key: value
            for key, value in settings["overfitting"].items()
            if key.startswith("descent")
        },
        seed=study.seed,
        sources=sources("measure_double_descent"),
    message:
        "double descent"
    script:
        "../scripts/measure_double_descent.py"
