"""Case study: physics-informed networks for elasticity."""

FIGURES["pinn"] = {
    "pinn": expand(
        "<tree>/pinn/{problem}-{activation}.nc",
        problem=["bar", "plane"],
        activation=study.pinn.activations,
    ),
    "elements": "<tree>/pinn/elements.nc",
}
NOTEBOOKS["pinn"] = ["pinn"]
STATEMENTS["train_pinn"] = expand(
    "{problem}-{activation}",
    problem=["bar", "plane"],
    activation=study.pinn.activations,
)
STATEMENTS["solve_elements"] = ["elements"]


rule train_pinn:
    output:
        pinn="<tree>/pinn/{problem}-{activation}.nc",
        statement="<statements>/train_pinn/{problem}-{activation}.json",
    log:
        "<logs>/train_pinn/{problem}-{activation}.log",
    benchmark:
        "<benchmarks>/train_pinn/{problem}-{activation}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        settings=without("pinn", "activations", "points"),
        points=lambda wildcards: settings["pinn"]["points"][wildcards.problem],
        seed=study.seed,
        sources=sources("train_pinn"),
    message:
        "training {wildcards.activation} networks on the {wildcards.problem}"
    script:
        "../scripts/train_pinn.py"


rule solve_elements:
    output:
        elements="<tree>/pinn/elements.nc",
        statement="<statements>/solve_elements/elements.json",
    log:
        "<logs>/solve_elements/elements.log",
    benchmark:
        "<benchmarks>/solve_elements/elements.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        sources=sources("solve_elements"),
    message:
        "finite elements for the bar and the plane"
    script:
        "../scripts/solve_elements.py"
