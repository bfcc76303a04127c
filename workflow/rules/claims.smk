"""The ledger: each claim measured with its control, then all judged together."""

if claims:
    FIGURES["ledger"] = {
        "measurements": expand("<tree>/claims/{claim}.nc", claim=claims)
    }
    NOTEBOOKS["ledger"] = ["ledger"]
STATEMENTS["measure_claim"] = claims
STATEMENTS["compile_ledger"] = ["ledger"]


rule measure_claim:
    output:
        measurement="<tree>/claims/{claim}.nc",
        statement="<statements>/measure_claim/{claim}.json",
    log:
        "<logs>/measure_claim/{claim}.log",
    benchmark:
        "<benchmarks>/measure_claim/{claim}.jsonl"
    # The longest jobs go first, so that none is left alone at the end.
    priority: 1
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{3 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        seed=study.seed,
        modules=lambda wildcards: [claim_module(wildcards.claim)],
        sources=lambda wildcards: sources(
            "measure_claim", claim_module(wildcards.claim)
        ),
    message:
        "measuring claim {wildcards.claim} and its control"
    script:
        "../scripts/measure_claim.py"


rule compile_ledger:
    input:
        measurements=expand("<tree>/claims/{claim}.nc", claim=claims),
    output:
        ledger="<tree>/claims/ledger.json",
        statement="<statements>/compile_ledger/ledger.json",
    log:
        "<logs>/compile_ledger/ledger.log",
    benchmark:
        "<benchmarks>/compile_ledger/ledger.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        sources=sources("compile_ledger"),
    message:
        "judging all claims"
    script:
        "../scripts/compile_ledger.py"
