"""A command that is printed with the name of a workbook or journal runs that command and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from importer.model.problems import Place, Problem
from importer.printable import as_argument, as_path_argument
from importer.report.sentences import message
from importer.translations import Language

HOSTILE = [
    "x$(touch PWNED).xlsx",
    "x`touch PWNED`.xlsx",
    'x"; touch PWNED; ".xlsx',
    "x'; touch PWNED; '.xlsx",
    "x%PATH%.xlsx",
    "x & touch PWNED &.xlsx",
    "x\ntouch PWNED\n.xlsx",
    "-rf.xlsx",
    "--yes",
    "x;touch PWNED|cat>PWNED.xlsx",
    "junio 2018 (final)!.xlsx",
    "${HOME}~*?[a].xlsx",
    "\\",
    "",
]
SHELLS = [shell for shell in ("sh", "bash", "zsh") if shutil.which(shell)]


@pytest.mark.skipif(sys.platform == "win32", reason="the shells of POSIX")
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_real_shell_hands_the_name_on_as_it_is(tmp_path: Path, shell: str, name: str) -> None:
    command = f"printf '<%s>' {as_argument(name)} {as_path_argument(name)}"
    ended = subprocess.run([shell, "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30)
    assert ended.stdout == f"<{name}><{'./' if name.startswith('-') else ''}{name}>"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_on_windows_neither_shell_finds_anything_in_it(name: str) -> None:
    shown = as_path_argument(name) if name.startswith("-") else as_argument(name, is_windows=True)
    if shown[:1] == '"':
        assert not set(shown[1:-1]) & set('$`"%!') and not shown.endswith('\\"')
    elif shown[:1] == "'":
        assert not set(shown[1:-1]) & set('&|<>^%!"\n') and "'" not in shown[1:-1].replace("''", "")
    else:
        assert shown == name or shown == f"./{name}"


@pytest.mark.skipif(sys.platform == "win32", reason="the shells of POSIX")
@pytest.mark.parametrize("language", Language)
def test_the_command_of_a_held_journal_is_quoted(tmp_path: Path, language: Language) -> None:
    facts = {"run": "r", "number": "7", "file": "x$(touch PWNED).xlsx", "name": "`touch PWNED`"}
    problem = Problem("corrected-before", Place("x"), "k", wording="corrected-before.posted", facts=facts)
    _, _, command = message(problem, language).partition("importer run ")
    subprocess.run(["sh", "-c", f": {command}"], cwd=tmp_path, check=True, timeout=30)
    assert list(tmp_path.iterdir()) == [] and "'x$(touch PWNED).xlsx'" in command and "'`touch PWNED`'" in command
