r"""Where a function uses its parameters: one pass over its jaxpr.

A *use* is an operation that joins a value made from parameters alone with a value that depends on the
input. Adding a zero *tap* to the outputs :math:`y_u` of each use :math:`u`, one reverse pass gives the
cotangents :math:`\beta_u = \partial f / \partial y_u`, and with them, leaf by leaf,

.. math:: \nabla_W f = \sum_{u \in \mathrm{uses}(W)} (\partial y_u / \partial W)^\top \beta_u .

No gradient of the size of the parameters is ever formed for a parameter that enters a matrix product
bare: its gradient is an outer product, kept as its two factors. A loop (``lax.scan``) that parameters enter is
one use, whose gradients are formed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn, Literal, Var, primitives

__all__ = ["Trace", "Use", "trace"]

_INLINED = {
    name: primitive
    for name, primitive in vars(primitives).items()
    if name in {"jit_p", "closed_call_p", "core_call_p", "remat_p"}
}


@dataclasses.dataclass(frozen=True)
class Use:
    """One operation that joins parameters with data.

    Attributes:
        equation: the operation.
        leaves: indices of the parameter leaves that its parameter operands are made from.
        data: positions of its operands that depend on the input.
        outer_leaf: the leaf that enters it bare as a matrix, if the leaf's gradient is an outer
            product of the data operand and the cotangent; else None.
    """

    equation: JaxprEqn
    leaves: frozenset[int]
    data: tuple[int, ...]
    outer_leaf: int | None

    @property
    def outputs(self) -> tuple[int, ...]:
        """Positions of its outputs that have derivatives; counters of loops have none."""
        kinds = [_shape_and_type(v)[1] for v in self.equation.outvars]
        return tuple(i for i, kind in enumerate(kinds) if jnp.issubdtype(kind, jnp.inexact))


@dataclasses.dataclass(frozen=True)
class Trace:
    """A function of one sample as a flat list of operations with its uses of parameters marked.

    Attributes:
        uses: the uses, in order of execution.
        weights: operations on parameters alone, in order of execution.
        n_leaves: number of parameter leaves.
        rest: the operations that depend on the input, uses included, in order.
    """

    uses: tuple[Use, ...]
    weights: tuple[JaxprEqn, ...]
    rest: tuple[JaxprEqn, ...]
    leaves: tuple[Var, ...]
    inputs: tuple[Var, ...]
    output: Var
    constants: dict[Var, Any]

    def weight_values(self, leaves: Sequence[jax.Array]) -> dict[Var, Any]:
        """Every value made from parameters and constants alone."""
        environment = dict(self.constants) | dict(zip(self.leaves, leaves, strict=True))
        for equation in self.weights:
            _execute(equation, environment)
        return environment

    def taps(self) -> list[tuple[jax.Array, ...]]:
        """A zero for each output of each use."""
        return [
            tuple(jnp.zeros(*_shape_and_type(use.equation.outvars[i])) for i in use.outputs)
            for use in self.uses
        ]

    def run(
        self,
        weights: dict[Var, Any],
        taps: list[tuple[jax.Array, ...]],
        inputs: Sequence[jax.Array],
    ) -> tuple[jax.Array, list[tuple[jax.Array, ...]]]:
        """Evaluate one sample.

        Returns:
            The output, and for each use the values of its data operands.
        """
        environment = weights | dict(zip(self.inputs, inputs, strict=True))
        uses = {id(use.equation): (use, own) for use, own in zip(self.uses, taps, strict=True)}
        records = []
        for equation in self.rest:
            if id(equation) in uses:
                use, own = uses[id(equation)]
                records.append(tuple(_read(equation.invars[i], environment) for i in use.data))
            _execute(equation, environment)
            if id(equation) in uses:
                for i, tap in zip(use.outputs, own, strict=True):
                    environment[equation.outvars[i]] = environment[equation.outvars[i]] + tap
        return environment[self.output], records

    def use_outputs(
        self, leaves: Sequence[jax.Array], records: Sequence[tuple[jax.Array, ...]]
    ) -> list[tuple[jax.Array, ...]]:
        """The outputs of each use as a function of the parameters, its data operands held fixed."""
        environment = self.weight_values(leaves)
        outputs = []
        for use, record in zip(self.uses, records, strict=True):
            data = dict(zip(use.data, record, strict=True))
            operands = [
                data[i] if i in data else _read(var, environment)
                for i, var in enumerate(use.equation.invars)
            ]
            results = _bind(use.equation, operands)
            outputs.append(tuple(results[i] for i in use.outputs))
        return outputs


def trace(f: Callable[..., jax.Array], params: Any, x: jax.Array) -> Trace:
    """Trace ``f(params, x)`` for one sample ``x`` and find its uses of ``params``."""
    closed = jax.make_jaxpr(f)(params, x)
    n_leaves = len(jax.tree.leaves(params))
    equations, output, constants = _flatten(closed)
    leaves, inputs = closed.jaxpr.invars[:n_leaves], closed.jaxpr.invars[n_leaves:]
    made_from = {var: frozenset([i]) for i, var in enumerate(leaves)}
    depends: set[Var] = set(inputs)
    uses, weights, rest = [], [], []
    for equation in equations:
        operands = [v for v in equation.invars if not isinstance(v, Literal)]
        sources = frozenset().union(*(made_from.get(v, frozenset()) for v in operands))
        if not any(v in depends for v in operands):
            weights.append(equation)
            made_from |= dict.fromkeys(equation.outvars, sources)
            continue
        rest.append(equation)
        depends.update(equation.outvars)
        if sources:
            uses.append(_use(equation, sources, depends, leaves))
    if output not in depends:
        raise ValueError(
            "the function's output does not depend on its input x; "
            "expected f(params, x) with a trainable dependence on x."
        )
    return Trace(
        tuple(_demote_mixed(uses)), tuple(weights), tuple(rest), tuple(leaves), tuple(inputs),
        output, constants,
    )  # fmt: skip


def _use(
    equation: JaxprEqn, sources: frozenset[int], depends: set[Var], leaves: Sequence[Var]
) -> Use:
    data = tuple(
        i for i, v in enumerate(equation.invars) if not isinstance(v, Literal) and v in depends
    )
    return Use(equation, sources, data, _outer_leaf(equation, data, leaves))


def _outer_leaf(equation: JaxprEqn, data: tuple[int, ...], leaves: Sequence[Var]) -> int | None:
    """The leaf whose gradient here is one outer product: a bare matrix times one data row."""
    if equation.primitive is not primitives.dot_general_p or len(data) != 1:
        return None
    (row,), weight = data, 1 - data[0]
    contracted, batched = equation.params["dimension_numbers"]
    free = [
        size
        for axis, size in enumerate(_shape_and_type(equation.invars[row])[0])
        if axis not in contracted[row]
    ]
    bare = equation.invars[weight] in leaves
    plain = not batched[0] and not batched[1] and all(size == 1 for size in free)
    return leaves.index(equation.invars[weight]) if bare and plain else None


def _demote_mixed(uses: list[Use]) -> list[Use]:
    """A leaf's uses must all be outer products, or all be handled in the general way."""
    general = frozenset().union(*(use.leaves for use in uses if use.outer_leaf is None))
    return [
        dataclasses.replace(use, outer_leaf=None) if use.outer_leaf in general else use
        for use in uses
    ]


def _flatten(closed: Any) -> tuple[list[JaxprEqn], Var, dict[Var, Any]]:
    """The equations of a jaxpr with nested calls written out in place."""
    constants: dict[Var, Any] = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
    equations: list[JaxprEqn] = []

    def visit(jaxpr: Jaxpr, rename: dict[Var, Any]) -> list[Any]:
        def resolve(atom: Any) -> Any:
            return atom if isinstance(atom, Literal) else rename.get(atom, atom)

        for equation in jaxpr.eqns:
            operands = [resolve(v) for v in equation.invars]
            inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
            if equation.primitive in _INLINED.values() and inner is not None:
                body = getattr(inner, "jaxpr", inner)
                constants.update(zip(body.constvars, getattr(inner, "consts", ()), strict=True))
                # Each call gets variables of its own: one body may be called twice.
                fresh = {v: Var(v.aval) for e in body.eqns for v in e.outvars}
                results = visit(body, fresh | dict(zip(body.invars, operands, strict=True)))
                rename = rename | dict(zip(equation.outvars, results, strict=True))
            else:
                outvars = [resolve(v) for v in equation.outvars]
                equations.append(equation.replace(invars=operands, outvars=outvars))
        return [resolve(v) for v in jaxpr.outvars]

    (output,) = visit(closed.jaxpr, {})
    return equations, output, constants


def _shape_and_type(atom: Any) -> tuple[tuple[int, ...], Any]:
    return atom.aval.shape, atom.aval.dtype


def _read(atom: Any, environment: dict[Var, Any]) -> Any:
    return atom.val if isinstance(atom, Literal) else environment[atom]


def _bind(equation: JaxprEqn, operands: list[Any]) -> list[Any]:
    params = equation.primitive.get_bind_params(equation.params)
    result = equation.primitive.bind(*operands, **params)
    return result if equation.primitive.multiple_results else [result]


def _execute(equation: JaxprEqn, environment: dict[Var, Any]) -> None:
    results = _bind(equation, [_read(v, environment) for v in equation.invars])
    environment.update(zip(equation.outvars, results, strict=True))
