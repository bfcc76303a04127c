import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks.windows import Windows


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 1)])
def test_windows_lie_where_those_of_jax_lie(padding, strides, dilation):
    """A convolution by hand, cell by cell, is that of JAX."""
    x = jax.random.normal(jax.random.key(0), (2, 7, 8))
    kernel = jax.random.normal(jax.random.key(1), (3, 2))
    windows = Windows((3, 2), strides, padding, dilation)
    padded = windows.padded(x, (1, 2))
    found = sum(kernel[cell] * windows.through(padded, cell, (1, 2)) for cell in windows.cells())
    expected = jax.lax.conv_general_dilated(
        x[:, None], kernel[None, None], strides, padding, rhs_dilation=dilation
    )[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_circular_padding_goes_round():
    windows = Windows((3,), (1,), "CIRCULAR")
    x = jnp.arange(5.0)
    left, here, right = (windows.through(windows.padded(x, (0,)), (i,), (0,)) for i in range(3))
    assert left.tolist() == [4, 0, 1, 2, 3]
    assert here.tolist() == x.tolist()
    assert right.tolist() == [1, 2, 3, 4, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3, 3), (1, 1), "same"), "padding is 'same', expected one of SAME"),
        (((3, 3), (1,)), "one entry for each axis"),
        (((3, 0), (1, 1)), "must all be at least 1"),
    ],
)
def test_windows_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Windows(*arguments)


def test_a_window_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="use padding='SAME'"):
        Windows((4,), (1,), "VALID").padded(jnp.ones(3), (0,))
