import jax

from widelimit.keys import jax_key, numpy_generator


def test_keys_follow_from_seed_and_labels():
    assert jax_key(1, "a", 2) == jax_key(1, "a", 2)
    distinct = {str(jax.random.key_data(jax_key(*k))) for k in ((1, "a"), (2, "a"), (1, "b"))}
    assert len(distinct) == 3


def test_generators_follow_from_seed_and_labels():
    draws = {
        numpy_generator(*k).standard_normal() for k in ((1, "a"), (2, "a"), (1, "b"), (1, "a"))
    }
    assert len(draws) == 3
