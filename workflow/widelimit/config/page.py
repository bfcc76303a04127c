"""The page that explains each key of a configuration, made from the classes that check it."""

from __future__ import annotations

import json
from typing import Any

from widelimit.config.study import Study

__all__ = ["page"]

_INTRODUCTION = """\
# Configuration

One file describes one study: what to compute, on which data, at which sizes. `make report` runs
[`config.yaml`](config.yaml), the default study; `make report CONFIG=config/smoke.yaml` runs
[`smoke.yaml`](smoke.yaml), which touches every stage once in under three minutes. To study your own data
or networks, copy one of them, give it another `name`, and name the copy as CONFIG. Results go to
`results/<name>/` and nowhere else, so studies never overwrite each other.

A configuration is checked before any job starts. Unknown keys and impossible values are refused with the
key, what was given and what is expected; `widelimit check FILE` does the same without running anything.
Editors that know JSON schema complete and check keys from `workflow/schemas/config.schema.json`: put
`# yaml-language-server: $schema=../workflow/schemas/config.schema.json` on the first line.

Changing a key recomputes what depends on it and nothing else. Adding a width, for example, computes the
kernels at that width and redraws what shows them.

Your own data, next to data that ship with the dependencies:

```yaml
datasets:
  mine: { source: file, path: measurements.csv, target: [strength], train: 400, test: 100, standardize: features }
  digits: { source: digits, train: 600, test: 600, classes: [3, 8] }
  cifar: { source: cifar10, path: /data/cifar10, train: 5000, test: 1000 }   # or no path: it is downloaded
```

All keys follow; this page is made from the classes that check them (`make schema`).
"""

_SECTIONS = {
    "Study": "The file",
    "Bundled": "`datasets.<name>` with `source: digits`, `breast_cancer`, `diabetes`, `mnist5k`",
    "Fetched": "`datasets.<name>` with `source: mnist`, `fashion_mnist`, `cifar10`",
    "Generated": "`datasets.<name>` with `source: circle`, `sphere`, `hypercube`",
    "UserFile": "`datasets.<name>` with `source: file`",
    "FullyConnected": "`networks.<name>`",
    "ConvolutionalTangents": "`networks.<name>` with `kind: cntk`",
    "Myrtle": "`networks.<name>` with `kind: myrtle`",
    "Pair": "Entries of `kernels` and of `empirical.pairs`",
    "Empirical": "`empirical`",
    "Spectra": "`spectra`",
    "Overfitting": "`overfitting`",
    "Processes": "`processes`",
    "SmallData": "`small_data`",
    "ImageNetworks": "`image_networks`",
    "Pinn": "`pinn`",
    "Points": "`pinn.points`",
    "FiveQubit": "`five_qubit`",
    "SurfaceCode": "`surface_code`",
    "MeanField": "`mean_field`",
}


def page() -> str:
    """The page in Markdown."""
    schema = Study.model_json_schema()
    classes = {"Study": schema, **schema["$defs"]}
    unknown = set(classes) - set(_SECTIONS)
    if unknown:
        raise ValueError(f"no heading for {sorted(unknown)}: add one to _SECTIONS.")
    parts = [_section(heading, classes[name]) for name, heading in _SECTIONS.items()]
    return "\n".join([_INTRODUCTION, *parts])


def _section(heading: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = [
        f"| `{key}` | {_text(part)} | {_values(part)} | {_default(part, key in required)} |"
        for key, part in schema["properties"].items()
    ]
    lines = [f"## {heading}", "", schema["description"], ""]
    return "\n".join(
        [*lines, "| key | meaning | values | default |", "|---|---|---|---|", *rows, ""]
    )


def _text(part: dict[str, Any]) -> str:
    return " ".join(part.get("description", "").split()).replace("|", "\\|")


def _default(part: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    default = part.get("default")
    if isinstance(default, dict) and "$ref" in part:
        return "as below"
    return "none" if default is None else f"`{json.dumps(default)}`"


def _values(part: dict[str, Any]) -> str:
    """The values that a key takes, in words."""
    if "enum" in part or "const" in part:
        return ", ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    if "anyOf" in part or "oneOf" in part:
        choices = part["anyOf"] if "anyOf" in part else part["oneOf"]
        return " or ".join(dict.fromkeys(_values(c) for c in choices if c.get("type") != "null"))
    if part.get("type") == "array":
        items = part.get("items") or part["prefixItems"][0]
        return f"list: {_values(items)}"
    if part.get("type") == "object":
        values = part.get("additionalProperties") or next(iter(part["patternProperties"].values()))
        keys = part.get("propertyNames", {}).get("enum", ["name"])
        return f"{{{', '.join(keys)}: {_values(values)}}}"
    if "$ref" in part:
        return "section, below"
    return _simple(part)


def _simple(part: dict[str, Any]) -> str:
    """A number with its bounds, a text, or yes and no."""
    names = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "yes or no",
    }
    signs = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
    bounds = [f"{sign} {part[key]:g}" for key, sign in signs.items() if key in part]
    return " ".join([names[part["type"]], " and ".join(bounds)]).strip()
