"""Text of a service that means harm: no formula in a file, no control sequence on a terminal, whatever the format."""

import csv
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, read_company, running
from tests.cli.asking import Ask, environment_of
from tests.cli.commands import home_in

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\x1b]0;owned\x07\x1b[2J",
    "\x9b31mred",
    "\u202eevil\u2066",
    'a\r\nb,"c"',
    "<script>alert(1)</script>",
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    company = read_company()
    model = company.accounts["101110"]
    for number, text in enumerate(HOSTILE):
        code = f"9000{number}"
        company.accounts[code] = replace(model, code=code, name=text, short_head=text)
    with running(company=company) as sandbox:
        yield sandbox


def accounts(ask: Ask, name: str) -> bytes:
    ended = ask("get", "accounts", "--search", "9000", "--format", name)
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def test_json_has_the_texts_to_the_letter_and_shows_none_of_them_raw(ask: Ask) -> None:
    shown = accounts(ask, "json").decode()
    assert [row["name"] for row in json.loads(shown)] == list(HOSTILE)
    assert shown.replace("\n", "").isprintable()


def test_no_cell_of_a_csv_is_a_formula_or_a_control_sequence(ask: Ask) -> None:
    shown = accounts(ask, "csv").decode()
    rows = list(csv.reader(io.StringIO(shown, newline="")))
    assert len(rows) == len(HOSTILE) + 1
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(cell.isprintable() for cell in cells)
    assert "'=HYPERLINK" in shown and "\\u001b" in shown


def test_a_workbook_has_no_formula_no_link_and_no_control_sequence(ask: Ask) -> None:
    with zipfile.ZipFile(io.BytesIO(accounts(ask, "xlsx"))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    assert not any(re.search("<f[ >]|<hyperlink|_x00", part) for part in parts.values())
    assert any("=HYPERLINK" in part for part in parts.values())


def test_a_table_in_a_pipe_has_no_control_sequence(ask: Ask) -> None:
    shown = accounts(ask, "table").decode()
    assert shown.replace("\n", "").isprintable() and "owned" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
@pytest.mark.parametrize("name", ["table", "csv", "json"])
def test_a_terminal_gets_no_control_sequence_of_a_service(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    shown = on_terminal(sandbox, tmp_path, "get", "accounts", "--search", "9000", "--format", name)
    assert "owned" in shown
    own_style = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.sub("\r+\n", "", own_style).isprintable()
    assert "\x1b[31m" not in shown and "\x1b[2J" not in shown


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
@pytest.mark.parametrize("resource", ["journals 5326 5328", "addresses", "accounts", "company", "genealogy"])
def test_what_is_shown_fits_a_terminal_of_80_columns(resource: str, sandbox: Sandbox, tmp_path: Path) -> None:
    shown = on_terminal(sandbox, tmp_path, "get", *resource.split())
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("\r\n")
    assert len(lines) > 1 and max(map(len, lines)) <= 80
    is_whole = resource in ("company", "genealogy")
    assert ("No room for" in shown) != is_whole


def test_a_workbook_is_not_poured_onto_a_terminal(sandbox: Sandbox, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a pseudo-terminal of POSIX is needed")
    assert "-o FILE.xlsx" in on_terminal(sandbox, tmp_path, "get", "company", "--format", "xlsx", code=2)


def on_terminal(sandbox: Sandbox, folder: Path, *arguments: str, code: int = 0) -> str:
    """What a command shows on a terminal of 80 columns, both streams."""
    import fcntl
    import pty
    import struct
    import termios

    from tests.cli.prefork import forked

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment = kept | home_in(folder) | environment_of(sandbox) | {"TERM": "xterm-256color"}
    with Path(os.devnull).open("rb") as nothing:
        command = forked(arguments, folder, environment, [nothing.fileno(), slave, slave])
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:
        pass  # Linux says so at the end of a terminal
    os.close(master)
    assert command.wait(60) == code, shown.decode()
    return shown.decode()
