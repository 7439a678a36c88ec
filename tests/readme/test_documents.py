"""What the documents name is there, what comments cite is in the project, and command lines are ones that exist."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest

from importer.cli import importer as program
from tests.readme.operations import ROOT

DOCUMENTS = [
    ROOT / name
    for name in (
        "README.md",
        "importer/README.md",
        "importer/post/README.md",
        "tests/contract/NOTES.md",
        ".github/CONTRIBUTING.md",
        "templates/PRIMER-MES.md",
    )
]
NOTES = ROOT / "tests/contract/NOTES.md"
SOURCES = ("*.py", "*.toml", "*.html", "*.css")

_PATH = re.compile(
    r"(?:(?:importer|tests|samples|templates|reports)/[\w./-]*|\.(?:ci|github)/[\w./-]*|\.?[\w-]+\.(?:toml|yaml))"
)
_MODULE = re.compile(r"(?:importer|tests)(?:\.\w+)+")
_CLASS = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_ID = re.compile(r"\b[ABDEFIJNPQRSUW]-[0-9]{2}\b")
_CITED_PAGE = re.compile(r"[\w./-]*\w\.md\b")
_CITED_HEADING = re.compile(r'([\w./-]+\.md),\s+(?:# )?"([^"]+)"')
_OUTSIDE = re.compile(r"\bNOTES [A-Z0-9]|\bnotes/\w|\(NOTES\b")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources() -> Iterator[Path]:
    for folder in (ROOT / "importer", ROOT / "tests"):
        for ending in SOURCES:
            yield from folder.rglob(ending)


def named_in(document: Path) -> set[str]:
    """Whatever stands in backticks on one line, command lines taken apart into words."""
    spans = re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8"))
    return {word.rstrip(".,:") for span in spans for word in span.split()}


@cache
def classes() -> frozenset[str]:
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / "importer").rglob("*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^class (\w+)", text, re.MULTILINE))


def is_module(dotted: str) -> bool:
    """Whether it is a module, a package with a `__main__`, or a public name of a module."""
    path = ROOT.joinpath(*dotted.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module, _, name = dotted.rpartition(".")
    return is_module(module) and hasattr(import_module(module), name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_file_and_module_that_a_document_names_exists(document: Path) -> None:
    words = named_in(document)
    paths = {word for word in words if _PATH.fullmatch(word) and word != "importer.toml"}
    assert {word for word in paths if not (ROOT / word).exists()} == set()
    assert {word for word in words if _MODULE.fullmatch(word) and not is_module(word) and word != "importer.toml"} == {
        word for word in words if word == "importer.result"
    }


@pytest.mark.parametrize("document", ["importer/README.md", "importer/post/README.md"])
def test_every_type_that_a_document_names_exists(document: str) -> None:
    assert {word for word in named_in(ROOT / document) if _CLASS.fullmatch(word)} <= classes()


def test_every_id_that_is_cited_is_in_the_notes() -> None:
    noted = set(re.findall(r"^\| ([A-Z]-[0-9]{2}) \|", NOTES.read_text(encoding="utf-8"), re.MULTILINE))
    cited = {id_ for file in sources() for id_ in _ID.findall(file.read_text(encoding="utf-8"))}
    assert cited - noted == set()
    assert len(noted) > 150


def test_no_comment_cites_a_page_that_is_not_in_the_project() -> None:
    here = Path(__file__)
    texts = {relative(file): file.read_text(encoding="utf-8") for file in sources() if file != here}
    citing = {name: text for name, text in texts.items() if ".md" in text}  # the patterns take long over the others
    pages = {
        (name, page)
        for name, text in citing.items()
        for line in text.splitlines()
        if ".md" in line
        for page in _CITED_PAGE.findall(line)
    }
    assert {(name, page) for name, page in pages if not (ROOT / page).is_file()} == set()
    assert {name for name, text in texts.items() if _OUTSIDE.search(text)} == set()
    headings = {(name, *cited) for name, text in citing.items() for cited in _CITED_HEADING.findall(text)}
    assert {one for one in headings if one[2] not in headings_of(one[1])} == set()
    assert len(headings) > 10


@cache
def headings_of(page: str) -> tuple[str, ...]:
    found = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(part for heading in found for part in (heading, heading.partition(":")[0]))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def command_lines(document: Path) -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        yield from (line for line in block.splitlines() if line.startswith("importer "))


@pytest.mark.parametrize("name", ["README.md", "templates/PRIMER-MES.md"])
def test_every_command_line_of_the_users_documents_is_one_that_exists(name: str) -> None:
    lines = list(command_lines(ROOT / name))
    assert len(lines) > 5
    for line in lines:
        command: click.Command = program
        context = click.Context(program, info_name="importer")
        arguments = shlex.split(line, comments=True)[1:]
        while isinstance(command, click.Group):
            found = command.get_command(context, arguments[0])
            assert found is not None, line
            command, arguments = found, arguments[1:]
        command.make_parser(click.Context(command, parent=context)).parse_args(arguments)  # raises for a wrong option
