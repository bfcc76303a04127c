"""Trained convolutional networks of growing width beside the kernels that are their limits."""

READOUTS = ["pooled", "flat"]
TRAINED = expand(
    "{readout}-{width}", readout=READOUTS, width=study.image_networks.widths
)

FIGURES["image_networks"] = {"comparison": "<tree>/image_networks/comparison.nc"}
NOTEBOOKS["image_networks"] = ["image_networks"]
STATEMENTS["prepare_dataset"] += [study.image_networks.dataset]
STATEMENTS["train_image_networks"] = TRAINED
STATEMENTS["classify_by_kernel"] = READOUTS
STATEMENTS["compare_image_networks"] = ["comparison"]


rule train_image_networks:
    input:
        dataset=f"<tree>/datasets/{study.image_networks.dataset}.nc",
    output:
        found="<tree>/image_networks/trained/{readout}-{width}.nc",
        statement="<statements>/train_image_networks/{readout}-{width}.json",
    log:
        "<logs>/train_image_networks/{readout}-{width}.log",
    benchmark:
        "<benchmarks>/train_image_networks/{readout}-{width}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        network=lambda wildcards: architecture_of(
            settings["image_networks"][wildcards.readout]
        ),
        subsets={key: settings["image_networks"][key] for key in ("train", "draws")},
        steps=study.image_networks.steps,
        learning_rate=study.image_networks.learning_rate,
        seed=study.seed,
        sources=sources("train_image_networks"),
    message:
        "training {wildcards.readout} networks of {wildcards.width} channels"
    script:
        "../scripts/train_image_networks.py"


rule classify_by_kernel:
    input:
        dataset=f"<tree>/datasets/{study.image_networks.dataset}.nc",
    output:
        found="<tree>/image_networks/kernel/{readout}.nc",
        statement="<statements>/classify_by_kernel/{readout}.json",
    log:
        "<logs>/classify_by_kernel/{readout}.log",
    benchmark:
        "<benchmarks>/classify_by_kernel/{readout}.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 16
    resources:
        mem=lambda wildcards, attempt: f"{4 * attempt}GB",
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        network=lambda wildcards: architecture_of(
            settings["image_networks"][wildcards.readout]
        ),
        subsets={key: settings["image_networks"][key] for key in ("train", "draws")},
        regression={
            key: settings["image_networks"][key] for key in ("ridge", "precision")
        },
        seed=study.seed,
        sources=sources("classify_by_kernel"),
    message:
        "kernel of the {wildcards.readout} network on the same training sets"
    script:
        "../scripts/classify_by_kernel.py"


rule compare_image_networks:
    input:
        trained=expand("<tree>/image_networks/trained/{stem}.nc", stem=TRAINED),
        kernel=expand("<tree>/image_networks/kernel/{readout}.nc", readout=READOUTS),
    output:
        comparison="<tree>/image_networks/comparison.nc",
        statement="<statements>/compare_image_networks/comparison.json",
    log:
        "<logs>/compare_image_networks.log",
    benchmark:
        "<benchmarks>/compare_image_networks.jsonl"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem=lambda wildcards, attempt: f"{2 * attempt}GB",
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        dataset=study.image_networks.dataset,
        train=study.image_networks.train,
        resamples=study.image_networks.resamples,
        seed=study.seed,
        sources=sources("compare_image_networks"),
    message:
        "networks and kernels on the same training sets"
    script:
        "../scripts/compare_image_networks.py"
