"""The shipped hierarchy against timm's list of classes and the facts of the papers."""

import importlib.util
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import (
    imagenet_classes,
    imagenet_taxonomy,
    wordnet_paths,
    wordnet_taxonomy,
)
from labeltree.taxonomy.imagenet import TABLE, chain, synsets

ROOT = Path(__file__).parents[2]


def leaves_of_classes() -> NDArray[np.int64]:
    """The node of each class index."""
    tree = imagenet_taxonomy()
    return np.array([tree.find(path) for path in wordnet_paths(imagenet_classes()).values()])


def test_classes_are_timms_in_timms_order() -> None:
    timm = importlib.util.find_spec("timm")
    assert timm and timm.origin
    listed = Path(timm.origin).parent / "data/_info/imagenet_synsets.txt"
    assert imagenet_classes() == listed.read_text().split()


def test_leaves_are_the_classes_and_nothing_else() -> None:
    tree, leaves = imagenet_taxonomy(), leaves_of_classes()
    assert sorted(leaves.tolist()) == tree.leaves.tolist()
    names = [synsets()[wnid].name for wnid in imagenet_classes()]
    assert [tree.names[leaf] for leaf in leaves] == names
    assert (tree.num_children != 1).all()
    assert (tree.num_nodes, tree.num_leaves, len(synsets())) == (1376, 1000, 1375)


def test_well_known_places() -> None:
    tree, leaves = imagenet_taxonomy(), leaves_of_classes()
    dog = next(node for node, path in enumerate(tree.paths) if path.endswith("canine/dog"))
    assert tree.leaf_counts[dog] == 118
    dogs = np.flatnonzero(tree.is_at_or_below(leaves, dog))
    assert dogs.tolist() == list(range(151, 269))  # the 118 breeds stand together in ILSVRC
    birds = next(node for node, path in enumerate(tree.paths) if path.endswith("/bird"))
    assert tree.is_at_or_below(leaves[80:101], birds).all()  # from black grouse to black swan
    above = [step.name for step in chain(imagenet_classes()[817])]
    assert above[-3:] == ["motor vehicle", "car", "sports car"]


def test_small_and_licensed() -> None:
    assert TABLE.stat().st_size < 200_000
    notice = (TABLE.parent / "WORDNET_LICENSE.txt").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in notice


def test_no_two_namesakes_have_namesakes_as_parents() -> None:
    """Then `wordnet_paths` can tell siblings apart in the tree of any classes."""
    parents = defaultdict(list)
    for synset in synsets().values():
        parents[synset.name].append(synsets()[synset.parent].name if synset.parent else "")
    for above in parents.values():
        assert len(set(above)) == len(above)


def test_tree_of_some_classes() -> None:
    crane_bird, crane_machine, tench = "n02012849", "n03126707", "n01440764"
    assert wordnet_paths([crane_bird, crane_machine]) == {
        crane_bird: "crane (wading bird)",
        crane_machine: "crane (device)",
    }
    assert wordnet_paths([crane_bird, crane_machine, tench]) == {
        crane_bird: "vertebrate/crane",
        crane_machine: "crane",
        tench: "vertebrate/tench",
    }
    assert wordnet_taxonomy([tench]).paths == ("", "tench")
    assert wordnet_taxonomy(["n02084071", crane_bird]).paths == ("", "dog", "crane")


def test_ids_that_do_not_fit() -> None:
    with pytest.raises(TaxonomyError, match="'n00000000' is none of the 1375 WordNet ids"):
        wordnet_taxonomy(["n00000000"])
    with pytest.raises(TaxonomyError, match=r"n02084071 \(dog\) stands above"):
        wordnet_taxonomy(["n02084071", "n02110958"])


@pytest.fixture
def script() -> ModuleType:
    path = ROOT / "scripts/make_imagenet_hierarchy.py"
    spec = importlib.util.spec_from_file_location("make_imagenet_hierarchy", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


NOUNS = """\
  1 This software and database is being provided to you, the LICENSEE, by
00000001 03 n 01 entity 0 000 | all there is
00000002 03 n 01 bird 0 001 @ 00000001 n 0000 | flies
00000003 03 n 01 game 0 001 @ 00000001 n 0000 | hunted
00000004 03 n 01 game_bird 0 002 @ 00000003 n 0000 @ 00000002 n 0000 | both
00000005 03 n 02 grouse 0 moorfowl 0 001 @ 00000004 n 0000 | runs
00000006 03 n 01 robin 0 001 @ 00000002 n 0000 | sings
00000007 03 n 01 robin 0 002 @ 00000002 n 0000 ~ 00000005 n 0000 | sings elsewhere
00000008 03 n 01 boar 0 001 @ 00000003 n 0000 | grunts
00000009 03 n 01 Rex 0 001 @i 00000008 n 0000 | a boar by name
0000000a 03 n 02 robin 0 redbreast 0 001 @ 00000002 n 0000 | sings as well
"""


def test_the_script_on_a_small_wordnet(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "data.noun"
    path.write_text(NOUNS)
    nouns = script.read_nouns(path)
    assert nouns["n00000004"] == (["game bird"], ["n00000003", "n00000002"])
    assert nouns["n00000009"].hypernyms == ["n00000008"]
    classes = ["n00000005", "n00000006", "n0000000a", "n00000009"]
    parents = script.choose_parents(nouns, classes)
    assert parents["n00000004"] == "n00000003"  # "game" joins it with the boar, and is listed first
    without_boar = script.choose_parents(nouns, classes[:3])
    assert without_boar["n00000004"] == "n00000002"  # then only "bird" does
    pruned = script.prune(without_boar, classes[:3])
    assert pruned == dict.fromkeys(classes[:3], "")
    assert script.name_nodes(nouns, pruned) == {
        "n00000005": "grouse",
        "n00000006": "robin",
        "n0000000a": "redbreast",
    }
    with pytest.raises(SystemExit, match="classes above other classes"):
        script.prune(script.choose_parents(nouns, ["n00000004", "n00000005"]), ["n00000004"])


@pytest.mark.skipif(not Path("/usr/share/wordnet/data.noun").exists(), reason="no WordNet here")
def test_the_script_makes_the_shipped_table(
    script: ModuleType, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["make", "--out", str(tmp_path / "imagenet.csv")])
    script.main()
    assert (tmp_path / "imagenet.csv").read_bytes() == TABLE.read_bytes()
