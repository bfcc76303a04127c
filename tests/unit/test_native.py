import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from widelimit import native

FOLDER = Path(native.__file__).parent


def test_the_compiled_code_is_that_of_its_sources(tmp_path):
    if native.engine is None:
        pytest.skip("there was no compiler")
    folder = shutil.copytree(FOLDER, tmp_path / "native")
    assert native._checked(native.engine, folder) is native.engine
    with (folder / "duals.hpp").open("a") as source:
        source.write("// changed\n")
    with pytest.raises(ImportError, match="built from other sources"):
        native._checked(native.engine, folder)


def test_a_source_more_is_noticed(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "native")
    before = native._sources(folder)
    (folder / "more.hpp").write_text("")
    assert native._sources(folder) != before


def test_without_compiled_code_there_is_none(tmp_path):
    package = FOLDER.parent
    shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("_engine*.so"))
    program = (
        "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'Scikit' not in type(f).__name__];"
        f"sys.path.insert(0, {str(tmp_path)!r}); import widelimit.native as native;"
        f"assert native.__file__.startswith({str(tmp_path)!r}); print(native.instructions())"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "none"
