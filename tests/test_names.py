"""Names are standard terms: what the glossary of `importer/README.md` has replaced does not come back."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import importer

ROOT = Path(importer.__file__).parent

REPLACED_CLASSES = frozenset(
    (
        "Crew ThreadCrew Ticket Done Means RecordMeans LinkMeans PrintMeans Course Wishes Extras Story Asked Ran Told "
        "GoesFirst RecordsFirst Recalled Case Sighting LedgerView Settling Settlement Verifying Waiting StateChange "
        "Unrecorded Spoilt Stretch Surroundings NotPlain Survey Meant Nearest MadeCode Fate Asker Taken Ledgerbook "
        "Rememberer Keeper LinkStore Unposted"
    ).split()
)
REPLACED_MODULES = frozenset(
    (
        "crew means wishes story cases likeness sightings settling verifying waiting look spoilt stretch surroundings "
        "survey meant nearest made_codes asking links inquiry keychain frames practising retold unposted utils helpers "
        "manager"
    ).split()
)
BANNED_WORDS = re.compile(r"crew|means|wishes|told|sightings?|likeness|spoilt|meant|retold|unposted")
A_SWITCH_OF_THE_COMMAND_LINE = frozenset(("asterisk_means_all",))


@cache
def modules() -> Sequence[tuple[str, ast.Module]]:
    files = sorted(ROOT.rglob("*.py"))
    return [(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in files]


def names_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Name():
                yield node.id
            case ast.Attribute():
                yield node.attr
            case ast.arg() | ast.keyword() if node.arg:
                yield node.arg


def words_of(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def test_no_module_or_class_has_a_replaced_name() -> None:
    found = [name for name, _ in modules() if Path(name).stem in REPLACED_MODULES]
    found += [
        f"{name}: {node.name}"
        for name, tree in modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in REPLACED_CLASSES
    ]
    assert found == []


def test_no_name_holds_a_banned_word() -> None:
    found = {
        f"{module}: {name}"
        for module, tree in modules()
        for name in set(names_in(tree))
        if name not in A_SWITCH_OF_THE_COMMAND_LINE and any(BANNED_WORDS.fullmatch(word) for word in words_of(name))
    }
    assert found == set()


def test_no_file_is_named_by_what_it_is_doing() -> None:
    nouns = {"matching", "posting"}
    found = [name for name, _ in modules() if Path(name).stem.endswith("ing") and Path(name).stem not in nouns]
    assert found == []
