import numpy as np
import pytest

from widelimit.kernels.tiles import Axis, Grid


@pytest.mark.parametrize("n", [0, 1, 5, 64, 97, 1000])
@pytest.mark.parametrize("tile", [1, 3, 31, 64, 2000])
def test_an_axis_is_cut_into_the_fewest_equal_tiles(n, tile):
    axis = Axis(n, tile)
    lengths = [part.stop - part.start for part in axis.tiles]
    assert [i for part in axis.tiles for i in range(part.start, part.stop)] == list(range(n))
    assert len(lengths) == -(-n // tile)
    if n:
        assert max(lengths) == axis.size <= tile
        assert max(lengths) - min(lengths) <= 1
    assert Axis(n, axis.size).tiles == axis.tiles


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("tile", [1, 7, 30, 64, 500])
def test_each_pair_is_in_one_tile_of_one_block(symmetric, tile):
    rows = Axis(97, tile)
    grid = Grid(rows, rows if symmetric else Axis(61, tile + 2), symmetric)
    count = np.zeros(grid.shape, int)
    for block in grid.blocks():
        inside = np.zeros(block.shape, int)
        tiles = list(grid.tiles(block))
        assert len(tiles) == grid.count(block)
        for part in tiles:
            inside[block.within(part)] += 1
        count[block.rows, block.columns] += inside
    if symmetric:
        assert np.array_equal(np.triu(count), np.triu(np.ones_like(count)))
    else:
        assert np.all(count == 1)
    assert tuple(map(sum, grid.chunks)) == grid.shape


def test_tiny_tiles_share_files_and_large_ones_do_not():
    assert len(list(Grid(Axis(1000, 1), Axis(1000, 1), False).blocks())) == 32**2
    assert len(list(Grid(Axis(1000, 100), Axis(1000, 100), False).blocks())) == 100


def test_files_of_a_large_kernel_are_few_and_small():
    assert 200 < len(Axis(60_000, 32).blocks) <= 256
    assert len(Axis(60_000, 512).blocks) == len(Axis(60_000, 512).tiles)
    longest = max(sum(part.stop - part.start for part in block) for block in Axis(10**6, 16).blocks)
    assert 1024 < longest <= 2048 + 16
