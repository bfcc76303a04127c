"""Case study: neurons as particles, and a mean-field game."""

FIGURES["mean_field"] = {
    "particles": "<tree>/mean_field/particles.nc",
    "game": "<tree>/mean_field/game.nc",
}
NOTEBOOKS["mean_field"] = ["mean_field"]
STATEMENTS["simulate_particles"] = ["particles"]
STATEMENTS["solve_game"] = ["game"]


rule simulate_particles:
    output:
        particles="<tree>/mean_field/particles.nc",
        statement="<statements>/simulate_particles/particles.json",
    log:
        "<logs>/simulate_particles/particles.log",
    benchmark:
        "<benchmarks>/simulate_particles/particles.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{3 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        settings=without("mean_field", "agents"),
        seed=study.seed,
        sources=sources("simulate_particles"),
    message:
        "simulating particles"
    script:
        "../scripts/simulate_particles.py"


rule solve_game:
    output:
        game="<tree>/mean_field/game.nc",
        statement="<statements>/solve_game/game.json",
    log:
        "<logs>/solve_game/game.log",
    benchmark:
        "<benchmarks>/solve_game/game.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        agents=study.mean_field.agents,
        seed=study.seed,
        sources=sources("solve_game"),
    message:
        "solving the mean-field game"
    script:
        "../scripts/solve_game.py"
