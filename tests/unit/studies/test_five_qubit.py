import numpy as np
import pytest

from widelimit.studies.decoder import five_qubit as code


def test_the_code_is_perfect():
    """Each of the 15 errors of weight one has a syndrome of its own, and none has syndrome 0."""
    table = code.lookup_table()
    assert table.shape == (16,)
    assert code.weight_counts(table)[:2].tolist() == [0, 0]


def test_enumeration_agrees_with_the_polynomial():
    for p in (0.01, 0.1, 0.4, 0.75):
        exact = code.logical_error_rate(code.lookup_table(), code.channel(*[p / 3] * 3))
        assert exact == pytest.approx(code.lookup_polynomial(p), rel=1e-12)


def test_probabilities_add_up_to_one():
    assert code.class_probabilities(code.channel(0.1, 0.02, 0.05)).sum() == pytest.approx(1)


def test_maximum_likelihood_is_never_worse(rng):
    for rates in rng.dirichlet(np.ones(4), 20):
        errors = code.channel(*rates[:3])
        best = code.logical_error_rate(code.most_likely_table(errors), errors)
        assert best <= code.logical_error_rate(code.lookup_table(), errors) + 1e-12


def test_samples_have_the_right_law(rng):
    errors = code.channel(*[0.1 / 3] * 3)
    syndromes, classes = code.sample(rng, errors, 200_000)
    found = np.zeros((16, 4))
    np.add.at(found, (syndromes, classes), 1 / 200_000)
    np.testing.assert_allclose(found, code.class_probabilities(errors), atol=0.005)


def test_counting_failures_of_given_errors():
    table = code.lookup_table()
    no_error, single = np.zeros((1, 5), int), np.array([[0, 2, 0, 0, 0]])
    logical = np.array([[1] * 5])
    assert code.count_failures(np.concatenate([no_error, single, logical]), table) == 1
