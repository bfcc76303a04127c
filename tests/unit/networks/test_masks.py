"""A sequence filled up with absent positions is the sequence."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.errors import InputError
from widelimit.kernels import compute, function
from widelimit.networks import (
    Aggregate,
    AvgPool,
    Conv,
    ConvLocal,
    ConvTranspose,
    Dense,
    Erf,
    FanInConcat,
    Flatten,
    Frozen,
    GlobalAvgPool,
    GlobalSelfAttention,
    Identity,
    ImageResize,
    Index,
    Layer,
    LayerNorm,
    Masked,
    Relu,
    Repeat,
    Residual,
    Serial,
)
from widelimit.networks.layer import layer
from widelimit.networks.masked import propagated

MARK = 9.0


def present(x, lengths):
    """The array with marks behind the first positions of each axis, so many as ``lengths`` says."""
    inside = np.full(x.shape, MARK)
    here = tuple(slice(n) for n in lengths)
    inside[here] = x[here]
    return inside


def cut(state, lengths1, lengths2):
    """The state of the first positions alone."""

    def of(x, part, lengths):
        where = [slice(None)] * x.ndim
        for axes, ns in zip((part.axes1, part.axes2), lengths, strict=True):
            for axis, n in zip(axes, ns, strict=True):
                where[axis] = slice(n)
        return np.asarray(x)[tuple(where)]

    def one(part, *lengths):
        arrays = {name: getattr(part, name) for name in ("q1", "q2", "delta", "ntk")}
        return part.replace(
            **{name: None if x is None else of(x, part, lengths) for name, x in arrays.items()}
        )

    whole = one(state, lengths1, lengths2).replace(mask=None)
    if state.within is None:
        return whole
    within = zip(state.within, (lengths1, lengths2), strict=True)
    return whole.replace(within=tuple(one(part, n, n) for part, n in within))


ALONE = {
    "conv": Conv(3, (2,), dilation=2, b_std=0.4),
    "conv local": ConvLocal(3, (2,), b_std=0.4),
    "layer norm": LayerNorm(positions=True),
    "repeated shortcuts": Repeat(Residual(Relu(), Frozen(Dense(2, b_std=0.4))), 3),
    "average at edges": AvgPool((2,), padding="SAME", normalize_edges=True),
    "attention": GlobalSelfAttention(3, b_std=0.4),
}


@pytest.mark.thorough(only=("average at edges", "conv local", "repeated shortcuts"))
@pytest.mark.parametrize("name", ALONE)
def test_padded_sequences_are_the_sequences(double, rng, name):
    part = ALONE[name]
    # Where different positions are compared, lengths may differ; attention has one for both.
    pairs, attention = part.pairs_before(False), isinstance(part, GlobalSelfAttention)
    lengths = ((4,), (5,)) if pairs and not attention else ((4,), (4,))
    check(part, rng.standard_normal((2, 7, 2)), lengths)


def test_padded_images_are_the_images(double, rng):
    conv = Conv(3, (2, 3), strides=(2, 1), padding="VALID", b_std=0.4)
    check(conv, rng.standard_normal((2, 4, 5, 2)), ((3, 4), (3, 4)))


def check(part, x, lengths):
    """Covariances and outputs behind a layer are those of the samples alone, and zero where these are not."""
    marked = np.stack([present(*sample) for sample in zip(x, lengths, strict=True)])
    state = inputs(marked, part.pairs_before(False))
    found = jax.jit(propagated)(part, state)
    expected = jax.jit(propagated)(part, cut(state, *lengths))
    ends = expected.delta.shape[2:]
    alone = cut(found, ends[: expected.positions], ends[-expected.positions :])
    for ours, there in zip(jax.tree.leaves(alone), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(ours, there, rtol=1e-12, atol=1e-14)
    zero_elsewhere(found.nngp[0, 0], expected.nngp[0, 0])
    zero_elsewhere(found.ntk[0, 0], expected.ntk[0, 0])
    if isinstance(part, ConvLocal):  # whose weights belong to positions
        return
    params = drawn(part, x.shape[1:])
    for output, sample, n in zip(Masked(part, MARK).apply(params, marked), x, lengths, strict=True):
        zero_elsewhere(output, part.apply(params, sample[tuple(map(slice, n))][None])[0])


@functools.partial(jax.jit, static_argnums=1)
def inputs(marked, pairs):
    """The state of one sample against the other, as if it were that of a Gaussian field with a tangent kernel."""
    net = Masked(Identity(), MARK)
    state = net.state_of(*map(net.inputs_of, (marked[:1], marked[1:])), pairs=pairs)
    return state.replace(gaussian=True, wide=True, ntk=0.7 * state.nngp)


def drawn(net, shape, draws=None):
    """Parameters by NumPy, whose generator has not to be compiled; with a leading axis for some draws."""
    rng = np.random.default_rng(1)
    shapes = jax.eval_shape(lambda key: net.init(key, shape), jax.random.key(0))
    return jax.tree.map(
        lambda leaf: rng.standard_normal(((draws,) if draws else ()) + leaf.shape), shapes
    )


def zero_elsewhere(whole, part):
    """Both are the same, and the first is zero where the second ends."""
    padded = np.pad(part, [(0, n - m) for n, m in zip(whole.shape, part.shape, strict=True)])
    np.testing.assert_allclose(whole, padded, rtol=1e-12, atol=1e-14)


NET = Serial(
    *(Conv(64, (3,), w_std=1.3, b_std=0.3), Relu(), Conv(64, (2,), w_std=1.3, b_std=0.3)),
    *(Erf(), GlobalAvgPool(), Dense(64, w_std=1.2, b_std=0.2)),
)
SEQUENCES = np.sin(np.arange(24.0)).reshape(3, 4, 2)
SEQUENCES[0, 2:] = SEQUENCES[1, 3:] = SEQUENCES[2] = np.nan


def test_a_network_on_sequences_of_different_lengths():
    """Against neural-tangents 0.6.5, ``kernel_fn(x, None, ('nngp', 'ntk'), mask_constant=…)`` in float64."""
    found = compute(Masked(NET, np.nan), SEQUENCES)
    peers = [
        [[0.3503039114060893, 0.22300600410195004], [0.22300600410195004, 0.31453680633999737]],
        [[0.8797153102935004, 0.41573218169718934], [0.4157321816971894, 0.7637416713207426]],
    ]
    for kernel, peer in zip(found, peers, strict=True):
        np.testing.assert_allclose(kernel[:2, :2], peer, rtol=1e-14)
        assert not np.any(kernel[2]), "nothing of the last sample is present"
    params = drawn(NET, SEQUENCES.shape[1:], draws=100)
    outputs = jax.jit(jax.vmap(Masked(NET, np.nan).apply, (0, None)))(params, SEQUENCES)
    moments = np.einsum("kif,kjf->kij", outputs, outputs) / outputs.shape[-1]
    error = moments.std(axis=0, ddof=1) / len(moments) ** 0.5
    assert np.all(np.abs(moments.mean(axis=0) - found.nngp) <= 4 * error + 0.02 * found.nngp.max())
    assert not np.any(outputs[:, 2])


def test_where_nothing_is_absent_nothing_changes():
    net, x = Serial(GlobalAvgPool(), Dense(1, b_std=0.3)), np.nan_to_num(SEQUENCES)
    for plain, masked in zip(compute(net, x), compute(Masked(net, np.nan), x), strict=True):
        assert np.array_equal(plain, masked)


def test_slopes_are_finite_where_nothing_is_present(double):
    net = Masked(Serial(Dense(3, b_std=0.3), Relu(), GlobalAvgPool()), np.nan)
    kernel = function(net)
    slopes = jax.jit(jax.grad(lambda hyper: kernel(hyper, jnp.asarray(SEQUENCES)).ntk.sum()))
    assert all(np.isfinite(leaf) for leaf in jax.tree.leaves(slopes(net.hyper)))
    finite = Masked(
        Serial(GlobalSelfAttention(3, b_std=0.2), LayerNorm(positions=True), GlobalAvgPool()),
        np.nan,
    )
    params = drawn(finite, SEQUENCES.shape[1:])
    outputs, pull = jax.vjp(jax.jit(finite.apply), params, SEQUENCES)
    assert not np.any(outputs[2])
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(pull(jnp.ones_like(outputs))))


def test_masks_behind_layers_that_move_positions():
    mask = np.array([[[True, False, False], [True, True, False]]])
    assert Index(0, slice(1, None)).mask_behind(mask).tolist() == [[False, False]]
    assert Index(1).mask_behind(mask).tolist() == [[True, True, False]]
    assert Flatten().mask_behind(mask).tolist() == [False]
    assert Conv(1, (3, 3), strides=2, padding="CIRCULAR").mask_behind(mask).tolist() == [
        [[True, False]]
    ]
    assert ConvTranspose(1, (1, 3), strides=(1, 2)).mask_behind(mask[:, :1]).tolist() == [
        [[True, True, False, False, False, False]]
    ]
    assert ConvTranspose(1, (1, 3), strides=2, padding="VALID").mask_behind(
        mask[:, :1]
    ).tolist() == [[[True, True, *[False] * 5]] * 2]
    assert FanInConcat().mask_behind((mask, ~mask)).tolist() == [[[False] * 3] * 2]
    assert Aggregate(np.eye(3), axis=1).mask_behind(mask) is mask


@layer
class Shift(Layer):
    """A layer that knows nothing of masks."""

    def init(self, key, input_shape):
        return ()

    def apply(self, params, x, *, key=None, train=False):
        return jnp.roll(x, 1, axis=1)

    def propagate(self, state):
        return state


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Shift(), "Shift does not say what becomes of absent positions"),
        (ImageResize((3,)), "ImageResize got absent positions and makes new ones"),
        (Aggregate(np.ones((3, 4))), "Aggregate got absent positions and makes new ones"),
    ],
)
def test_layers_that_cannot_say_what_is_absent_are_refused(part, said):
    net = Masked(Serial(part, GlobalAvgPool()), np.nan)
    with pytest.raises(ValueError, match=said):
        compute(net, SEQUENCES)
    with pytest.raises(ValueError, match=said):
        net.apply(drawn(net, (4, 2)), SEQUENCES)


def test_what_is_asked_wrongly_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not the same number in float32 and float64"):
        Masked(NET, 0.1)
    for inner in (Masked(Dense(1), 0), Serial(Frozen(Masked(Dense(1), 0)), Dense(1))):
        with pytest.raises(ValueError, match="another Masked inside"):
            Masked(inner, np.nan)
    with pytest.raises(ValueError, match="stands around the whole network"):
        compute(Serial(Masked(Dense(1), 0), Dense(1)), np.ones((2, 3)))
    half = SEQUENCES.copy()
    half[1, 0, 0] = np.nan
    with pytest.raises(ValueError, match="x1 has 1 entries that are NaN"):
        compute(Masked(NET, np.nan), half)
    x = np.array([[1.0, 2.0], [np.nan, np.nan]])
    first = compute(Masked(Dense(1, b_std=0.1), np.nan), x, out=tmp_path)
    again = compute(Masked(Dense(1, b_std=0.1), float("nan")), x, out=tmp_path)
    assert np.array_equal(first.ntk, again.ntk)
    with pytest.raises(InputError, match=r"constant is 'nan' there and 9.0 here"):
        compute(Masked(Dense(1, b_std=0.1), MARK), np.nan_to_num(x), out=tmp_path)
