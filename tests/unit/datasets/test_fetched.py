import gzip
import io
import pickle
import tarfile

import numpy as np
import pytest

from widelimit.datasets.fetched import FETCHED, load_fetched
from widelimit.errors import InputError


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def mnist(tmp_path, rng):
    arrays = [
        rng.integers(0, 256, (6, 28, 28)), rng.integers(0, 10, 6),
        rng.integers(0, 256, (4, 28, 28)), rng.integers(0, 10, 4),
    ]  # fmt: skip
    for name, array in zip(FETCHED["mnist"], arrays, strict=True):
        (tmp_path / name).write_bytes(idx(array))
    return tmp_path, arrays


@pytest.mark.parametrize("source", ["mnist", "fashion_mnist"])
def test_published_idx_files_in_a_folder(mnist, source):
    folder, arrays = mnist
    found = load_fetched(source, str(folder))
    np.testing.assert_array_equal(found.x, np.concatenate(arrays[::2]).reshape(10, -1))
    np.testing.assert_array_equal(found.y, np.concatenate(arrays[1::2]))
    np.testing.assert_array_equal(found.is_test, [False] * 6 + [True] * 4)


def cifar_archive(path, batch):
    with tarfile.open(path, "w:gz") as archive:
        for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
            data = pickle.dumps(batch, protocol=2)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def test_the_published_cifar_archive(tmp_path, rng):
    pixels = rng.integers(0, 256, (3, 3072)).astype(np.uint8)
    archive = tmp_path / "cifar-10-python.tar.gz"
    cifar_archive(archive, {b"data": pixels, b"labels": [1, 2, 3]})
    found = load_fetched("cifar10", str(archive))
    assert found.x.shape == (18, 3072)
    image = found.x[0].reshape(32, 32, 3)
    np.testing.assert_array_equal(image[..., 0].ravel(), pixels[0, :1024])
    assert found.is_test.sum() == 3
    assert found.image == (32, 32, 3)


def test_a_pickle_that_would_run_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    archive = tmp_path / "cifar-10-python.tar.gz"
    cifar_archive(archive, {b"data": Evil(), b"labels": []})
    with pytest.raises(InputError, match="damaged.*print, which data never needs"):
        load_fetched("cifar10", str(archive))


def test_an_npz_file(tmp_path, rng):
    arrays = {
        "x_train": rng.random((5, 4)), "y_train": np.arange(5),
        "x_test": rng.random((2, 4)), "y_test": np.arange(2),
    }  # fmt: skip
    np.savez(tmp_path / "m.npz", **arrays)
    found = load_fetched("mnist", str(tmp_path / "m.npz"))
    assert len(found.x) == 7
    assert found.image is None
    for shape, image in (((28, 28), (28, 28, 1)), ((32, 32, 3), (32, 32, 3))):
        x = {"x_train": rng.random((5, *shape)), "x_test": rng.random((2, *shape))}
        np.savez(tmp_path / "m.npz", **(arrays | x))
        assert load_fetched("cifar10", str(tmp_path / "m.npz")).image == image
    x = {"x_train": rng.random((5, 3, 32, 32)), "x_test": rng.random((2, 3, 32, 32))}
    np.savez(tmp_path / "m.npz", **(arrays | x))
    with pytest.raises(InputError, match="channels come last"):
        load_fetched("cifar10", str(tmp_path / "m.npz"))
    np.savez(tmp_path / "m.npz", x_train=arrays["x_train"])
    with pytest.raises(InputError, match="lacks the arrays"):
        load_fetched("mnist", str(tmp_path / "m.npz"))


def test_damaged_and_missing_files_are_named(mnist, tmp_path):
    folder, _ = mnist
    name = next(iter(FETCHED["mnist"]))
    (folder / name).write_bytes(idx(np.ones((2, 2)))[:-5])
    with pytest.raises(InputError, match="damaged"):
        load_fetched("mnist", str(folder))
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"lacks {name}"):
        load_fetched("mnist", str(folder))
    with pytest.raises(InputError, match="is one file.*give their folder"):
        load_fetched("mnist", str(folder / "t10k-labels-idx1-ubyte.gz"))
    with pytest.raises(InputError, match="is not there"):
        load_fetched("mnist", str(tmp_path / "elsewhere"))
