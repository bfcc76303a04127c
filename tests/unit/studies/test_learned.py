import jax
import numpy as np

from widelimit.kernels import compute
from widelimit.keys import jax_key
from widelimit.studies.decoder.learned import (
    decoder_network,
    kernel_scores,
    minibatch_loss,
    network_scores,
    signs,
    weighted_loss,
)


def test_bits_become_signs():
    assert signs(np.array([0, 1, 1])).tolist() == [1, -1, -1]


def test_merging_repeated_inputs_is_the_same_regression(rng):
    distinct = rng.standard_normal((4, 3))
    x = distinct[rng.integers(0, 4, 20)]
    y, test = rng.standard_normal((20, 2)), rng.standard_normal((5, 3))
    net = decoder_network()
    kernel = compute(net, x).ntk
    used = compute(net, np.unique(x, axis=0)).ntk
    ridge = 0.1 * np.mean(np.diag(used))
    expected = compute(net, test, x).ntk @ np.linalg.solve(kernel + ridge * np.eye(20), y)
    np.testing.assert_allclose(kernel_scores(net, x, y, test, ridge=0.1), expected, rtol=1e-8)


def test_networks_learn_a_table():
    x = signs((np.arange(16)[:, None] >> np.arange(4)) & 1)
    y = np.eye(4)[np.arange(16) % 4]
    net = decoder_network(width=64, outputs=4)
    keys = jax.random.split(jax_key(0, "t"), 2)
    data = np.full((2, 16), 1 / 16, np.float32), np.stack([y, y]).astype(np.float32)
    options = {"steps": 300, "learning_rate": 0.01, "title": "test"}
    scores = network_scores(net, weighted_loss(net, x), x, keys, data, **options)
    assert (scores.argmax(2) == y.argmax(1)).all()
    pairs = tuple(np.stack([part, part]).astype(np.float32) for part in (x, y))
    sampled = network_scores(net, minibatch_loss(net, 32), x, keys, pairs, **options)
    assert (sampled.argmax(2) == y.argmax(1)).all()
