"""What the documentation says is run, or checked against the project."""

import doctest
import re

import pytest

from widelimit.modules import claims
from widelimit.provenance.statement import PROJECT

PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), PROJECT / "config/README.md"])
NAMES = [str(p.relative_to(PROJECT)) for p in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
@pytest.mark.filterwarnings("default")
def test_examples_run_and_print_what_they_say(page):
    found = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


def test_there_are_examples():
    assert sum(p.read_text().count(">>> ") for p in PAGES) > 15


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_within_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), re.MULTILINE):
        assert name in targets, name


def test_the_page_of_claims_lists_them_all():
    text = (PROJECT / "docs/claims.md").read_text()
    assert re.findall(r"^\| (C\d+) \|", text, re.MULTILINE) == claims()


def test_the_page_of_provenance_lists_all_verdicts():
    from widelimit.provenance.audit import VERDICTS

    text = (PROJECT / "docs/provenance.md").read_text()
    assert all(f"| {verdict} |" in text for verdict in VERDICTS)


def test_versions_agree():
    import yaml

    import widelimit

    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    assert citation["version"] == widelimit.__version__


def test_committed_text_names_no_package_host_and_locks_have_hashes():
    for lock in PROJECT.glob("envs/*.txt"):
        text = lock.read_text()
        assert "://" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
        pinned = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
        assert len(pinned) > 8
        assert text.count("--hash=sha256:") >= len(pinned)
