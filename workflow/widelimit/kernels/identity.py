"""What a network is, in plain data that are the same in every process: to tell one from another."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import math
from collections.abc import Mapping
from types import CodeType, ModuleType
from typing import Any

import jax
import numpy as np

from widelimit.networks import Layer

__all__ = ["describe", "digest"]


def describe(value: Any) -> Any:
    """A network, or a part of one, as nested dictionaries, lists, numbers and strings.

    Layers are described by the names of their classes and the values of all their fields, structure and
    hyper-parameters alike. A function, such as that of an `Elementwise` activation, is described by its
    module, its qualified name and a hash of its byte code, constants, default values and closure; classes
    of layers that are not from this library by a hash of their methods. These hashes hold for one version
    of Python, and do not follow the other functions that the code calls.
    """
    if isinstance(value, float) and math.isnan(value):
        return "nan"  # equal to itself
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [describe(part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): describe(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return {"array": str(value.dtype), "values": np.asarray(value).tolist()}
    if isinstance(value, ModuleType):
        return {"module": value.__name__}
    if isinstance(value, type):
        return {"class": _name(value), **_methods(value)}
    if dataclasses.is_dataclass(value):
        fields = {f.name: describe(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"class": _name(type(value)), **_methods(type(value)), **fields}
    if callable(value):
        return _function(value)
    raise ValueError(
        f"a network holds {value!r}, which has no description that is the same in every process: make "
        "it of numbers, strings, tuples, arrays, named functions and layers."
    )


def digest(description: Any) -> str:
    """SHA-256 of a description, in hexadecimal."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def _function(function: Any) -> dict[str, Any]:
    if isinstance(function, functools.partial):
        parts = {"arguments": function.args, "keywords": function.keywords}
        return {"partial": describe(function.func), **{k: describe(v) for k, v in parts.items()}}
    inner = inspect.unwrap(function)
    if inspect.ismethod(inner):
        return {"method": _function(inner.__func__), "of": describe(inner.__self__)}
    code = getattr(inner, "__code__", None)
    if code is None:  # compiled: its name has to do
        return {"function": _name(function)}
    cells = [describe(cell.cell_contents) for cell in inner.__closure__ or ()]
    held = {"defaults": inner.__defaults__, "keywords": inner.__kwdefaults__, "closure": cells}
    described = {k: describe(v) for k, v in held.items() if v}
    return {"function": _name(function), "code": digest(_code(code)), **described}


def _name(thing: Any) -> str:
    """Module and qualified name."""
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    if name is None:
        raise ValueError(
            f"{thing!r} has no name, and so no description that is the same in every process: wrap it "
            "in a function made by `def`."
        )
    return f"{getattr(thing, '__module__', None) or 'builtins'}.{name}"


def _methods(cls: type) -> dict[str, str]:
    """A hash of the methods of a class that is not this library's, whose version does not tell of it."""
    library = Layer.__module__.partition(".")[0]
    foreign = [
        c for c in cls.__mro__ if c.__module__.partition(".")[0] not in (library, "builtins")
    ]
    found = [
        [name, _code(function.__code__)]
        for part in foreign
        for name, member in sorted(vars(part).items())
        if hasattr(function := _plain(member), "__code__")
    ]
    return {"code": digest(found)} if found else {}


def _plain(member: Any) -> Any:
    """The function inside of a property, a class method or a static method."""
    for wrapper in ("fget", "func", "__func__"):
        member = getattr(member, wrapper, member)
    return member


def _code(code: CodeType) -> list[Any]:
    return [code.co_code.hex(), list(code.co_names), [_constant(c) for c in code.co_consts]]


def _constant(constant: Any) -> Any:
    if isinstance(constant, CodeType):
        return _code(constant)
    if isinstance(constant, frozenset):  # its order differs from process to process
        return sorted(repr(part) for part in constant)
    return repr(constant)
