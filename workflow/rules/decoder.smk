"""Case study: decoding quantum codes."""

SURFACES = expand("surface-d{distance}", distance=study.surface_code.distances)

FIGURES["decoder"] = {
    "five_qubit": "<tree>/decoder/five_qubit.nc",
    "surface": expand("<tree>/decoder/{surface}.nc", surface=SURFACES),
}
NOTEBOOKS["decoder"] = ["decoder"]
STATEMENTS["decode_five_qubit"] = ["five_qubit"]
STATEMENTS["decode_surface_code"] = SURFACES


rule decode_five_qubit:
    output:
        decoding="<tree>/decoder/five_qubit.nc",
        statement="<statements>/decode_five_qubit/five_qubit.json",
    log:
        "<logs>/decode_five_qubit/five_qubit.log",
    benchmark:
        "<benchmarks>/decode_five_qubit/five_qubit.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        settings=settings["five_qubit"],
        seed=study.seed,
        sources=sources("decode_five_qubit"),
    message:
        "learning to decode the five-qubit code"
    script:
        "../scripts/decode_five_qubit.py"


rule decode_surface_code:
    output:
        decoding="<tree>/decoder/surface-d{distance}.nc",
        statement="<statements>/decode_surface_code/surface-d{distance}.json",
    log:
        "<logs>/decode_surface_code/surface-d{distance}.log",
    benchmark:
        "<benchmarks>/decode_surface_code/surface-d{distance}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        settings=without("surface_code", "distances"),
        seed=study.seed,
        sources=sources("decode_surface_code"),
    message:
        "learning to decode the surface code of distance {wildcards.distance}"
    script:
        "../scripts/decode_surface_code.py"
