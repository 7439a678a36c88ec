"""The table of operations in importer/README.md, made from what the code and the tests are."""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import click

from importer.cli import COMMANDS
from importer.cli import importer as program
from importer.lookups import stamps
from importer.lookups.resources import RESOURCES
from importer.sandbox.application import OPERATIONS as PLAYED
from importer.sandbox.sovos import OPERATIONS as PLAYED_OF_SOVOS
from importer.services.operations import OPERATIONS
from tests.lookups.cases import CASES
from tests.sandbox.test_every_operation import FORMS, OTHERS
from tests.services.calls import CALLS

NAMES_OF_SOVOS = {one.__name__ for one in PLAYED_OF_SOVOS.values()}
ROOT = Path(__file__).parents[2]
README = ROOT / "importer/README.md"
BEGIN, END = "<!-- operations -->", "<!-- /operations -->"
NO, YES = "–", "yes"

RUNNERS = ("importer", "ask", "Screen", "exit_code_of_command")
"""What the tests run the command line with."""

STEPS = ("importer.services.sunplusxtra.records",)
"""Modules of the services that choose an operation for a command."""

_RECORDS = ("dimension_code", "address")
_CHANGES = {f"{verb}_{what}": "run" for what in _RECORDS for verb in ("create", "update", "delete")}
_COMMANDS = _CHANGES | {
    "login": "login",
    "post_journal": "run",
    "print_journal": "print",
    "link_document": "attach",
    "delete_document": "detach",
    "activate_employee": "employee activate",
}
"""Of the operations that no resource asks: believed only when the command exists and its code reaches the operation."""


@cache
def table() -> str:
    """The table as it stands in the README, markers not included."""
    lines = ["| operation | command | sandbox | tested |", "| --- | --- | --- | --- |"]
    lines += [f"| `{name}` | {_shown(name)} | {_sandbox(name)} | {_tested(name)} |" for name in OPERATIONS]
    return "\n".join(lines)


def with_table(text: str) -> str:
    """The README with the table between its markers. Raises ValueError when they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{README.name} lacks {BEGIN} and {END}")
    return f"{before}{begin}\n{table()}\n{end}{after}"


def command_of(name: str) -> str:
    """The words after `importer` that do an operation, "" when none does."""
    for resource in RESOURCES.values():
        if name == resource.operation:
            return f"get {resource.name}"
    if name in stamps.OPERATIONS:
        return f"stamps {stamps.OPERATIONS[name]}".rstrip()
    words = _COMMANDS.get(name, "")
    return words if words and _exists(words) and _reaches(words.split()[0], name) else ""


def _shown(name: str) -> str:
    words = command_of(name)
    return f"`importer {words}`" if words else NO


def _sandbox(name: str) -> str:
    return YES if name in {one.name for one in PLAYED} | NAMES_OF_SOVOS else NO


def _tested(name: str) -> str:
    found = [
        "client" if name in CALLS else "",
        "sandbox" if name in {*FORMS, *OTHERS, *NAMES_OF_SOVOS} else "",
        "command" if _is_command_tested(name) else "",
    ]
    return ", ".join(filter(None, found)) or NO


def _is_command_tested(name: str) -> bool:
    words = command_of(name)
    if words.startswith("get "):
        return words.removeprefix("get ") in CASES
    plain = tuple(word for word in words.split() if not word.startswith("-"))
    needed = {word for word in words.split() if word.startswith("-")} | ({name} if name in _CHANGES else set())
    return bool(plain) and any(_runs(tree, plain) and needed <= _texts(tree) for tree in _trees_with(plain))


def _exists(words: str) -> bool:
    found: click.Command | None = program
    for word in words.split():
        if not isinstance(found, click.Group):
            return False
        found = found.get_command(click.Context(found), word)
    return found is not None


def _reaches(command: str, name: str) -> bool:
    """Whether a module that the command imports, at once or later, speaks of the operation outside the services."""
    waiting, seen = [f"importer.cli.{COMMANDS[command][0]}"], set[str]()
    while waiting:
        module = waiting.pop()
        is_service = module.startswith("importer.services") and module not in STEPS
        if module in seen or is_service or module.startswith(("importer.sandbox", "importer.lookups")):
            continue
        seen.add(module)
        file = _modules().get(module)
        if file is None:
            continue
        tree = _parsed(file)
        if name in _texts(tree) | _names(tree) or (name == "login" and "log_in" in _names(tree)):
            return True
        waiting += _imports(tree)
    return False


@cache
def _modules() -> dict[str, Path]:
    files = (ROOT / "importer").rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _tests() -> dict[Path, str]:
    return {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "tests").rglob("test_*.py"))}


def _trees_with(words: Sequence[str]) -> Iterator[ast.Module]:
    """The files of tests in which each of these words is a text of its own."""
    return (_parsed(file) for file, text in _tests().items() if all(f'"{word}"' in text for word in words))


@cache
def _imports(tree: ast.Module) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names]
    return found


@cache
def _names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


@cache
def _texts(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _runs(tree: ast.Module, words: tuple[str, ...]) -> bool:
    """Whether a test runs the command line with these words, one after the other: `importer("print", "6994", ...)`,
    `exit_code_of_command(["print", ...])`."""
    return any(
        arguments[place : place + len(words)] == words for arguments in _run(tree) for place in range(len(arguments))
    )


@cache
def _run(tree: ast.Module) -> list[tuple[object, ...]]:
    """The arguments of each run of the command line, None for what is no constant."""
    found: list[tuple[object, ...]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUNNERS:
            lists = [one.elts for one in node.args if isinstance(one, ast.List)]
            for arguments in [node.args, *lists]:
                found.append(tuple(one.value if isinstance(one, ast.Constant) else None for one in arguments))
    return found
