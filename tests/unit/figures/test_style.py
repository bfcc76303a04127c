import numpy as np

from widelimit.figures.style import COLOURS, MARKERS, band, canvas, save


def picture(path):
    figure, ((axes,),) = canvas(1)
    axes.plot([1, 2], [3, 4], color=COLOURS[0])
    band(axes, [1, 2], np.array([[2, 4], [3, 5]]), COLOURS[0])
    save(figure, path)


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("a.svg", "b.svg"):
        picture(tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_series_differ_in_colour_and_marker():
    assert len(set(map(str, COLOURS))) == 10
    assert len(set(MARKERS)) == len(MARKERS)
