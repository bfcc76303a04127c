import json

import pytest

from widelimit.errors import InputError
from widelimit.kernels.receipts import Receipt, folder_of


@pytest.fixture
def tiles(tmp_path):
    folder = folder_of(tmp_path, {"network": "relu"})
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    return folder


def test_recipes_have_folders_of_their_own(tmp_path):
    assert folder_of(tmp_path, {"x": 1}) == folder_of(tmp_path, {"x": 1})
    assert folder_of(tmp_path, {"x": 1}) != folder_of(tmp_path, {"x": 2})


def test_receipts_are_joined_wherever_the_tree_is(tiles, tmp_path):
    for i, names in enumerate(["ab", "c"]):
        Receipt.of([tiles / name for name in names], tiles).write(tmp_path / f"{i}.json")
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    whole = Receipt.joined([moved / "0.json", moved / "1.json"])
    whole.check()
    assert [path.read_text() for path in whole.paths] == ["a", "b", "c"]


@pytest.mark.parametrize("change", ["missing", "broken"])
def test_files_that_are_not_as_they_were_are_named(tiles, change):
    receipt = Receipt.of(list(tiles.iterdir()), tiles)
    (tiles / "b").unlink() if change == "missing" else (tiles / "b").write_text("x")
    with pytest.raises(InputError, match="1 of 3 files, such as b, are missing or not as"):
        receipt.check()


def test_receipts_of_different_kernels_are_not_joined(tiles, tmp_path):
    Receipt.of([tiles / "a"], tiles).write(tmp_path / "0.json")
    (tmp_path / "1.json").write_text(json.dumps({"tiles": "tiles-other", "files": {}}))
    with pytest.raises(InputError, match="expected one"):
        Receipt.joined([tmp_path / "0.json", tmp_path / "1.json"])
