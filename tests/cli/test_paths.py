"""Paths that name no file: every command refuses them in a sentence, and none waits or reads without an end."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from importer.cli import exit_code_of_command, importer, options
from importer.settings_file import FILE
from importer.translations import Language, say

FOLDERS = ("--out",)
"""Options whose folder is a text until the settings are read."""

EMPTY = say(Language.EN, "said.no-path")
PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX")


@pytest.fixture(autouse=True)
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder of its own, and nobody's settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))]:
        monkeypatch.delenv(name)


def every_command(group: click.Group = importer, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command there is, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{above}{name} ")
        elif command is not None:
            yield f"{above}{name}", command


def test_every_path_that_a_command_takes_is_asked_for_in_one_way() -> None:
    found = {
        name: [one for one in command.params if isinstance(one.type, click.Path)] for name, command in every_command()
    }
    assert {"run", "check", "template", "attach", "print", "sandbox", "stamps", "reverse", "get accounts"} <= {
        name for name, paths in found.items() if paths
    }
    assert all(one.type is options.PATH for paths in found.values() for one in paths)
    named = ("FILE", "PATH", "FOLDER")
    for name, command in every_command():
        for one in command.params:
            if any(word in (one.metavar or "") for word in named) and not set(one.opts) & set(FOLDERS):
                assert one.type is options.PATH, (name, one.name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", ""],
        ["check", " "],
        ["run", "june.xlsx", "--print", ""],
        ["attach", "5326", ""],
        ["template", "journals", "-o", ""],
        ["print", "5326", "--logo", ""],
        ["print", "5326", "-o", ""],
        ["reverse", "5326", "-o", ""],
        ["get", "accounts", "-o", ""],
        ["stamps", "2018-06", "--pdf", ""],
        ["sandbox", "--data", ""],
        ["sandbox", "--log", ""],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert exit_code_of_command(arguments) == 2
    assert EMPTY in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@PIPES
@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["check", "{file}"], "problem.unreadable-file.special"),
        (["print", "5326", "--logo", "{file}"], "error.no-plain-file"),
        (["attach", "5326", "{file}"], "limits.readable-file"),
    ],
    ids=["check", "print --logo", "attach"],
)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_and_a_device_are_refused(
    arguments: list[str], key: str, kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "named.pdf"
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    assert exit_code_of_command([one.format(file=file) for one in arguments]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert say(Language.EN, key, file=str(file)).rstrip(".") in said


@PIPES
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_settings_that_are_no_plain_file_are_refused(
    kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / FILE
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        file.mkdir()
    assert exit_code_of_command(["template", "journals"]) == 3
    assert say(Language.EN, "error.no-plain-file", file=FILE) in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "journals.xlsx").exists()


@PIPES
def test_an_access_log_that_nobody_reads_is_not_waited_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    assert exit_code_of_command(["sandbox", "--log", "log"]) == 3
    assert say(Language.EN, "error.no-plain-file", file="log") in capsys.readouterr().err


@PIPES
def test_a_device_is_never_replaced_by_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert exit_code_of_command(["template", "journals", "-o", "pipe.xlsx", "--force"]) == 3
    assert (tmp_path / "pipe.xlsx").is_fifo()
    assert "pipe.xlsx" in capsys.readouterr().err


def test_settings_larger_than_any_are_not_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as file:
        file.truncate(1024**2 + 1)
    assert exit_code_of_command(["template", "journals"]) == 3
    assert say(Language.EN, "error.file-too-large", file=FILE, limit="1") in " ".join(capsys.readouterr().err.split())
