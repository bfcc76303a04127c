import copy
import json

import pytest
import yaml

from widelimit.config import Study, check, read
from widelimit.config.page import page
from widelimit.errors import InputError
from widelimit.provenance.statement import PROJECT

SMOKE = yaml.safe_load((PROJECT / "config" / "smoke.yaml").read_text())


def changed(path, value):
    config = copy.deepcopy(SMOKE)
    place = config
    *keys, last = path.split(".")
    for key in keys:
        place = place.setdefault(key, {})
    place[last] = value
    return config


@pytest.mark.parametrize("name", ["cifar-2k.yaml", "cifar-small.yaml", "config.yaml", "smoke.yaml"])
def test_the_shipped_configurations_are_valid(name):
    assert isinstance(read(PROJECT / "config" / name), Study)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("empirical.widths", [16, 0], r"empirical.widths.1: .*greater than 0 \(given: 0\)"),
        ("empirical.widht", [16], "empirical.widht: Extra inputs are not permitted"),
        ("datasets.digits.noise", -0.1, r"noise: .*greater than or equal to 0 \(given: -0.1\)"),
        ("datasets.digits.source", "imagenet", "datasets.digits: Input tag 'imagenet'.*'digits'"),
        ("networks.relu3.activation", "softsign", r"activation: .*'relu'.*\(given: 'softsign'\)"),
        ("networks.relu3.depth", 0, r"depth: .*greater than or equal to 1 \(given: 0\)"),
        ("networks.relu3.w_std", -1.0, "w_std: .*greater than 0"),
        ("networks.relu3.kind", "cnn", "networks.relu3: Input tag 'cnn'"),
        ("networks.relu3", {"kind": "myrtle", "layers": 6}, r"layers: .*5, 7 or 10 \(given: 6\)"),
        ("networks.relu3", {"kind": "cntk", "depth": 4}, "empirical.pairs: network 'relu3' is cntk; expected a fully"),
        ("seed", "many", r"seed: .*valid integer.*\(given: 'many'\)"),
        ("precision", "float16", "precision: .*'float64' or 'float32'"),
        ("name", "../elsewhere", "name: .*pattern"),
        ("overfitting.dataset", "nothing", "overfitting.dataset: name 'nothing' is not defined"),
        ("kernels", [{"dataset": "digits", "networks": ["no"]}], "networks 'no' is not defined"),
        ("empirical.samples", 1000, "empirical.samples is 1000, but data set 'digits' has train: 80"),
        ("spectra.decay_range", [20, 5], "expected the smaller first"),
        ("claims", ["C999"], "there is no claim 'C999'; expected one of C9"),
        ("kernels", [], "spectra: there are none without kernels"),
        ("datasets.diabetes.balanced", True, "'diabetes' is balanced, and its targets are no classes"),
        ("datasets.diabetes.standardize", "channels", "standardize: channels, and no images"),
        ("networks", {"relu3": {"kind": "cntk", "depth": 3}}, "expected a fully connected|need a fully connected"),
        ("surface_code", None, "five_qubit and surface_code are shown together"),
        ("small_data.networks", ["relu3"], "small_data: network 'relu3' is fully connected"),
        ("small_data.dataset", "diabetes", "small_data: data set 'diabetes' needs images"),
        ("small_data.sizes", [10, 25, 50], r"small_data: sizes \[25, 50\] are no multiples of the 10 classes, or more"),
        ("image_networks.flat", "whole2", "flat is 'whole2'; expected a network with kind: cntk and pooling: false"),
        ("image_networks.pooled", "relu3", "image_networks: network 'relu3' is fully connected"),
        ("image_networks.train", 25, "image_networks: train is 25, which is no multiple of the 10 classes, or more than"),
        ("empirical.fit_from", 64, "leaves the widths .64.; an exponent needs at least two"),
        ("empirical.widths", [16, 32, 32], "32 stands there twice"),
        ("overfitting.test", 500, "540 samples together, but data set 'digits' has train . test = 160"),
        ("processes.datasets", ["no"], "processes: datasets 'no' is not defined"),
        ("processes.network", "no", "processes: network 'no' is not defined"),
        ("processes.test", 21, "61 samples together, but data set 'diabetes' has train: 60"),
        ("processes.datasets", ["digits"], "'digits' has standardize: sphere.*expected features or none"),
        ("processes.splits", 1, "processes.splits: .*greater than or equal to 2"),
        ("pinn.points", {"bar": 0}, "pinn.points.bar: .*greater than 0"),
        ("networks.relu3.w_std", float("inf"), "w_std: .*finite"),
        ("seed", 2**40, "seed: .*less than 4294967296"),
        ("name", "provenance", "name of a folder in each results tree"),
        ("datasets.ring", {"source": "circle", "dimension": 3, "train": 4}, "expected 2 for a circle"),
        ("datasets.cube", {"source": "hypercube", "dimension": 2, "train": 9}, "has 4 corners"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_the_key_the_value_and_what_is_expected(path, value, expected):
    with pytest.raises(InputError, match=expected):
        check(changed(path, value))


def test_a_convolutional_network_needs_images():
    config = changed("networks.gap", {"kind": "cntk", "depth": 4})
    config["kernels"] = [{"dataset": "digits", "networks": ["gap"]}]
    assert check(config).networks["gap"].pooling
    config["kernels"][0]["dataset"] = "diabetes"
    with pytest.raises(
        InputError, match="network 'gap' is cntk, and data set 'diabetes' has no images"
    ):
        check(config)


def test_all_mistakes_are_reported_at_once():
    config = changed("empirical.widths", [0]) | {"precision": "half", "nam": "x"}
    with pytest.raises(InputError, match="3 mistake"):
        check(config)


def test_a_missing_key_is_named():
    config = copy.deepcopy(SMOKE)
    del config["networks"]
    with pytest.raises(InputError, match="networks: Field required"):
        check(config)


def test_the_schema_on_disk_is_that_of_the_classes():
    stored = (PROJECT / "workflow/schemas/config.schema.json").read_text()
    assert json.loads(stored) == Study.model_json_schema(), "run `make schema`"


def test_the_page_on_disk_explains_every_key():
    stored = (PROJECT / "config/README.md").read_text()
    assert stored.strip() == page().strip(), "run `make schema`"
    for part in Study.model_json_schema()["$defs"].values():
        for key in part["properties"]:
            assert f"| `{key}` |" in stored


def test_the_example_of_the_page_is_valid():
    example = page().split("```yaml\n")[1].split("```")[0]
    config = SMOKE | {"datasets": SMOKE["datasets"] | yaml.safe_load(example)["datasets"]}
    assert check(config).datasets["mine"].source == "file"


def test_each_key_says_what_it_means():
    def walk(schema, place):
        for name, part in schema.get("properties", {}).items():
            assert "description" in part or "$ref" in part, f"{place}.{name} has no description"

    schema = Study.model_json_schema()
    walk(schema, "study")
    for name, part in schema["$defs"].items():
        walk(part, name)


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "name: [unclosed"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, content):
    (tmp_path / "c.yaml").write_text(content)
    with pytest.raises(InputError, match=r"c\.yaml"):
        read(tmp_path / "c.yaml")
