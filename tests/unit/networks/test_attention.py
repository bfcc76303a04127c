"""Attention and embeddings of positions: beside another library, at the ends, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import kernels
from widelimit.kernels.function import output_state
from widelimit.networks import (
    Conv,
    Covariance,
    Dense,
    Flatten,
    Frozen,
    GlobalAvgPool,
    GlobalSelfAttention,
    Monomial,
    PositionalEmbedding,
    Serial,
)
from widelimit.networks.attended import by_random_weights

ROOT = "1/sqrt(d)"


def falling(distance):
    return jnp.exp(-distance / 2)


SUM = PositionalEmbedding("sum", 0.8, decay=falling, norm=1)
CONCAT = PositionalEmbedding("concat", 1.4, features=5)


def attention(mechanism="identity", scale=ROOT, embedding=None, b_std=0.3):
    return GlobalSelfAttention(16, 2, 8, mechanism, 1.2, 0.7, b_std, scale, embedding)


@pytest.fixture
def x(rng):
    """Two sequences, one of them scaled, the other's opposite, and zero."""
    a, b = rng.standard_normal((2, 4, 2))
    return np.stack([a, b, 2 * a, -b, 0 * a])


@pytest.mark.parametrize(
    ("layers", "nngp", "ntk"),
    [
        (
            (attention("softmax", "1/d", SUM), CONCAT, attention()),
            94.90341187569362,
            1098.6378808239763,
        ),
        (
            (CONCAT, attention("abs", "1/d"), attention(embedding=SUM)),
            47183.17083065933,
            602762.7708429542,
        ),
    ],
    ids=["sum, concat", "concat, sum"],
)
def test_kernels_are_those_of_neural_tangents(x, layers, nngp, ntk):
    """Weighted sums of the kernels that neural-tangents 0.6.5 computes in double precision.

    There ``W_key_std * W_query_std`` is what is ``attention`` here, ``W_value_std * W_out_std`` is ``w_std``, and
    ``linear_scaling`` is True for "1/d". An embedding in front of the layer is ``val_pos_emb=True``, the layer's
    own is False; ``pos_emb_type``, ``W_pos_emb_std``, ``n_chan_pos_emb``, ``pos_emb_decay_fn`` and
    ``pos_emb_p_norm`` are ``kind``, ``w_std``, ``features``, ``decay`` and ``norm``.
    """
    found = kernels.compute(Serial(Conv(16, (1,)), *layers, GlobalAvgPool()), x)
    weights = np.arange(25).reshape(5, 5) / 25
    np.testing.assert_allclose(np.sum(weights * found.nngp), nngp, rtol=1e-12)
    np.testing.assert_allclose(np.sum(weights * found.ntk), ntk, rtol=1e-12)


def test_logits_are_a_function_of_themselves(double, x):
    """The rule for any function of the logits, on the identity, is the one that needs no pairs of pairs."""

    @jax.jit
    def heads(x1, x2):
        state = Covariance.of_inputs(x1, x2, pairs=True)
        fields = [Dense(1, w_std).propagate(state) for w_std in (0.7, 1.1, 1.3)]
        return by_random_weights(*fields), by_random_weights(*fields, Monomial(1))

    short, long = heads(x[:2], x)
    for a, b in [(short, long), *zip(short.within, long.within, strict=True)]:
        np.testing.assert_allclose(a.nngp, b.nngp, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(short.ntk, long.ntk, rtol=1e-12, atol=1e-14)


@pytest.mark.thorough
def test_random_attention_is_exact_at_the_ends(double, x):
    """Relu of the logits does not see a sign, and values turn it around; gradients are numbers at zero too."""
    net = attention("relu", b_std=None)

    @jax.jit
    def found(hyper, x):
        state = output_state(net.replace_hyper(hyper), x, x)
        return state.ntk.sum(), state

    slope = jax.value_and_grad(found, (0, 1), has_aux=True)
    (_, state), slopes = slope(net.hyper, jnp.asarray(x))
    same = jnp.einsum("aass->as", state.delta)
    np.testing.assert_array_equal(same[:4], 0)
    np.testing.assert_array_equal(jnp.einsum("ss->s", state.delta[1, 3]), 2)
    np.testing.assert_array_equal(state.nngp[4], 0)
    assert all(np.all(np.isfinite(slope)) for slope in jax.tree.leaves(slopes))


def test_all_of_it_can_be_frozen(double, x):
    net = Frozen(Serial(CONCAT, attention(embedding=CONCAT)))
    state = jax.jit(lambda x: output_state(net, x, x))(x)
    np.testing.assert_array_equal(state.ntk, 0)


def test_hyper_parameters_of_an_embedding_are_the_layers():
    layer = attention(embedding=SUM)
    assert layer.hyper["embedding"] == {"w_std": 0.8}
    changed = layer.replace_hyper({**layer.hyper, "embedding": {"w_std": 0.5}})
    assert changed.embedding.w_std == 0.5
    assert changed.replace_hyper(layer.hyper) == layer
    assert attention().replace_hyper(attention().hyper) == attention()


@pytest.mark.parametrize("decay", [None, falling, jnp.ones_like])
def test_an_embedding_has_the_covariance_it_says(decay):
    """The second moments of many channels, of images of 2 × 3, beside σ² g of the distances."""
    count = 50_000
    layer = PositionalEmbedding("concat", 1.4, count, decay)
    params = layer.init(jax.random.key(0), (2, 3, 1))
    field = np.asarray(layer.apply(params, jnp.zeros((1, 2, 3, 1)))[0, ..., 1:])
    found = np.tensordot(field, field, (2, 2)) / count
    places = np.stack(np.meshgrid(range(2), range(3), indexing="ij"), -1)
    distance = np.sum((places[:, :, None, None] - places) ** 2.0, -1)
    expected = 1.4**2 * (distance == 0 if decay is None else decay(distance))
    np.testing.assert_allclose(found, expected, atol=0.06)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((attention("softmax"),), "softmax has no kernel in closed form"),
        ((PositionalEmbedding("sum"),), "needs infinitely many channels"),
        ((Flatten(), PositionalEmbedding("concat")), "field without positions"),
        ((PositionalEmbedding("concat", decay=lambda d: d - 1),), "has the eigenvalue -"),
    ],
)
def test_what_has_no_kernel_is_refused(x, layers, message):
    with pytest.raises(ValueError, match=message):
        kernels.compute(Serial(*layers, Flatten(), Dense(1)), x)


def test_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="scale is '1', expected one of 1/d"):
        attention(scale="1")
    with pytest.raises(ValueError, match="kind is 'mean', expected one of sum, concat"):
        PositionalEmbedding("mean")
    with pytest.raises(ValueError, match="a sum has the channels"):
        PositionalEmbedding("sum", features=3)
