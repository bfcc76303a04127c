import pytest

from widelimit.errors import InputError
from widelimit.figures.draw import caption
from widelimit.modules import figures


@pytest.mark.parametrize("name", figures())
def test_each_figure_has_a_title_and_a_caption(name):
    title, text = caption(name)
    assert title
    assert text.endswith(".")


def test_unknown_figures_are_refused():
    with pytest.raises(InputError, match="no figure 'x'"):
        caption("x")
