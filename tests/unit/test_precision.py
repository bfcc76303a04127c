import jax
import jax.numpy as jnp
import pytest

from widelimit.precision import precision


def test_precision_is_local():
    before = jax.config.jax_enable_x64
    with precision("float64"):
        assert jnp.ones(1).dtype == jnp.float64
    with precision("float32"):
        assert jnp.ones(1).dtype == jnp.float32
    assert jax.config.jax_enable_x64 == before


def test_other_precisions_are_refused():
    with pytest.raises(ValueError, match="expected one of"):
        precision("bfloat16")
