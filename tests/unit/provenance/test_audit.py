import json

import pytest

from widelimit.errors import InputError
from widelimit.provenance.audit import VERDICTS, audit, discard, trees
from widelimit.provenance.statement import build, tree_of


@pytest.fixture
def tree(tmp_path):
    """Two jobs: one makes a.nc from an outside file, one makes b.nc from a.nc."""
    tree = tmp_path / "results" / "demo"
    (tmp_path / "outside.csv").write_text("raw")
    (tree / "provenance").mkdir(parents=True)
    for name, inputs in (("a.nc", [tmp_path / "outside.csv"]), ("b.nc", [tree / "a.nc"])):
        (tree / name).write_text(f"content of {name}")
        state(tree, name, inputs)
    return tree


def state(tree, name, inputs):
    statement = build(
        tree, outputs=[tree / name], inputs=inputs, job={"rule": "r"}, environment={},
        revision={"commit": "0" * 40, "dirty": False}, versions={}, started="", finished="",
    )  # fmt: skip
    (tree / "provenance" / f"{name}.json").write_text(json.dumps(statement))


def verdicts(tree):
    found = audit(tree)
    assert {f.verdict for f in found} <= set(VERDICTS)
    return {f.path: f.verdict for f in found}


def test_an_intact_tree_is_verified(tree):
    assert verdicts(tree) == {"a.nc": "verified", "b.nc": "verified"}


def test_a_tree_can_be_moved(tree, tmp_path):
    assert set(verdicts(tree.rename(tmp_path / "moved")).values()) == {"verified"}


def test_a_changed_file_is_tampered_and_what_is_made_from_it_is_stale(tree):
    (tree / "a.nc").write_text("changed")
    assert verdicts(tree) == {"a.nc": "tampered", "b.nc": "stale"}


def test_a_missing_file_is_missing(tree):
    (tree / "b.nc").unlink()
    assert verdicts(tree)["b.nc"] == "missing"


def test_what_is_not_as_it_was_is_discarded_with_its_statements_and_nothing_else(tree):
    (tree / "b.nc").write_text("changed")
    assert discard(tree, audit(tree)) == ["b.nc", "provenance/b.nc.json"]
    assert verdicts(tree) == {"a.nc": "verified"}
    (tree / "a.nc").unlink()
    assert discard(tree, audit(tree)) == ["provenance/a.nc.json"]
    assert discard(tree, audit(tree)) == []


def test_a_file_that_another_statement_knows_stays(tree):
    (tree / "b.nc").write_text("made again")
    state(tree, "b.nc", [tree / "a.nc"])
    (tree / "provenance/b.nc.json").rename(tree / "provenance/again.json")
    (tree / "b.nc").write_text("content of b.nc")
    state(tree, "b.nc", [tree / "a.nc"])
    assert verdicts(tree)["b.nc"] == "tampered"
    assert discard(tree, audit(tree)) == ["provenance/again.json"]
    assert verdicts(tree) == {"a.nc": "verified", "b.nc": "verified"}


def test_the_worst_verdict_counts_whatever_comes_last(tree):
    (tree / "provenance/b.nc.json").rename(tree / "provenance/0.json")
    (tree / "b.nc").write_text("changed")
    state(tree, "b.nc", [tree / "a.nc"])
    (tree / "provenance/b.nc.json").rename(tree / "provenance/1.json")
    (tree / "a.nc").write_text("changed")
    assert verdicts(tree)["b.nc"] == "tampered"


def test_nothing_outside_of_a_tree_is_discarded(tree, tmp_path):
    path = tree / "provenance/b.nc.json"
    statement = json.loads(path.read_text())
    statement["subject"][0]["name"] = "../../outside.csv"
    path.write_text(json.dumps(statement))
    assert discard(tree, audit(tree)) == ["provenance/b.nc.json"]
    assert (tmp_path / "outside.csv").exists()


def test_a_stray_file_is_an_orphan_but_a_log_is_not(tree):
    for name in (
        "stray.nc",
        "logs/x.log",
        "benchmarks/x.jsonl",
        "sub/deep.txt",
        "sub/.lock.0.4",
        "sub/.hidden.nc",
        "sub/.x.nc.torn.part",
    ):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("x")
    found = verdicts(tree)
    assert found["stray.nc"] == found["sub/deep.txt"] == "orphan"
    assert found["sub/.hidden.nc"] == "orphan"
    assert len(found) == 5


def test_a_remade_input_makes_its_products_stale(tree, tmp_path):
    (tree / "a.nc").write_text("new content")
    state(tree, "a.nc", [tmp_path / "outside.csv"])
    assert verdicts(tree) == {"a.nc": "verified", "b.nc": "stale"}


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"predicate": {"buildDefinition": {}}}'])
def test_a_broken_statement_is_malformed(tree, content):
    (tree / "provenance/b.nc.json").write_text(content)
    found = verdicts(tree)
    assert found["provenance/b.nc.json"] == "malformed"
    assert found["b.nc"] == "orphan"


def test_a_statement_cannot_vouch_for_files_outside_of_its_tree(tree, tmp_path):
    path = tree / "provenance/b.nc.json"
    statement = json.loads(path.read_text())
    statement["subject"][0]["name"] = "../../outside.csv"
    path.write_text(json.dumps(statement))
    assert verdicts(tree)["../../outside.csv"] == "malformed"


def test_trees_are_found_at_or_under_a_folder(tree):
    assert trees(tree) == trees(tree.parent) == [tree]
    with pytest.raises(InputError, match="Run `make report` first"):
        trees(tree / "provenance")


def test_a_statement_belongs_to_the_tree_around_its_provenance_folder(tree):
    assert tree_of(tree / "provenance/rule/x.json") == tree
    with pytest.raises(ValueError, match="does not stand in a folder named 'provenance'"):
        tree_of("elsewhere/x.json")


def test_a_statement_is_an_in_toto_statement_with_an_slsa_predicate(tree):
    statement = json.loads((tree / "provenance/b.nc.json").read_text())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    names = [d["name"] for d in statement["predicate"]["buildDefinition"]["resolvedDependencies"]]
    assert names == ["a.nc", "git"]
