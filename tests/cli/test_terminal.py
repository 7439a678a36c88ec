"""What happens on a real terminal: the question before posting, and Ctrl-C."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.commands import home_in, settings_for
from tests.cli.workbooks import line, write
from tests.independent_service import IndependentService, independent_service

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal of POSIX is needed", allow_module_level=True)

import pty

from tests.cli.prefork import forked


@pytest.fixture
def service() -> Iterator[IndependentService]:
    with independent_service() as service:
        yield service


class Screen:
    """A command on a pseudo-terminal of its own."""

    def __init__(self, folder: Path, settings: dict[str, str], *arguments: str, output: Path | None = None) -> None:
        self._master, slave = pty.openpty()
        target = os.open(output, os.O_CREAT | os.O_WRONLY) if output is not None else slave
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "IMPORTER_"))}
        environment = kept | home_in(folder) | settings | {"TERM": "xterm", "COLUMNS": "120"}
        self.process = forked(arguments, folder, environment, [slave, target, slave])
        for descriptor in {slave, target}:
            os.close(descriptor)
        self.text = ""

    def read_until(self, mark: str) -> None:
        """Reads until the mark is there, wherever lines are broken. Fails when nothing comes for a minute."""
        while mark not in " ".join(self.text.split()):
            chunk = self._read()
            assert chunk, self.text
            self.text += chunk

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        while chunk := self._read():
            self.text += chunk
        os.close(self._master)
        return self.process.wait(60)

    def _read(self) -> str:
        if not select.select([self._master], [], [], 60)[0]:
            return ""
        try:
            return os.read(self._master, 65536).decode(errors="replace")
        except OSError:
            return ""


def workbook(folder: Path, count: int = 1) -> None:
    rows = [line(f"J{number}", side, number + 1) for number in range(count) for side in "DC"]
    write(folder / "june.xlsx", rows)


def test_a_person_is_asked_before_anything_is_posted(tmp_path: Path, service: IndependentService) -> None:
    workbook(tmp_path)
    screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db"), "run", "june.xlsx")
    screen.read_until("[y/N]")
    assert "IAN" in screen.text and "MXN1" in screen.text and "1.00" in screen.text
    assert service.journals == []
    screen.type("n\n")
    assert screen.end() == 3 and service.journals == []
    assert "service" not in screen.text.lower()


def test_a_person_whose_output_goes_into_a_file_is_asked_too(tmp_path: Path, service: IndependentService) -> None:
    workbook(tmp_path)
    settings = settings_for(service.url, tmp_path / "s.db")
    screen = Screen(tmp_path, settings, "run", "june.xlsx", output=tmp_path / "out.txt")
    screen.read_until("[y/N]")
    screen.type("n\n")
    assert screen.end() == 3 and service.journals == []


def test_ctrl_c_at_the_question_ends_at_once_and_nothing_was_sent(tmp_path: Path, service: IndependentService) -> None:
    workbook(tmp_path)
    screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db"), "run", "june.xlsx")
    screen.read_until("[y/N]")
    while screen.process.poll() is None:
        # Python misses a signal that comes between its last look and the read that waits; a person presses again.
        screen.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            screen.process.wait(1)
    assert screen.end() == 130 and service.journals == []


def test_yes_posts(tmp_path: Path, service: IndependentService) -> None:
    workbook(tmp_path)
    screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db"), "run", "june.xlsx")
    screen.read_until("[y/N]")
    screen.type("y\n")
    assert screen.end() == 0 and len(service.journals) == 1


@pytest.mark.parametrize(("language", "letters", "yes"), [("es", "[s/N]", "s\u00ed"), ("fr", "[o/N]", "o")])
def test_yes_and_no_are_said_in_the_language_of_the_question(
    language: str, letters: str, yes: str, tmp_path: Path, service: IndependentService
) -> None:
    workbook(tmp_path)
    settings = settings_for(service.url, tmp_path / "s.db")
    screen = Screen(tmp_path, settings, "run", "june.xlsx", "--lang", language)
    screen.read_until(letters)
    screen.type("quiz\u00e1s\n")  # neither yes nor no: it is asked once more
    screen.read_until(letters)
    screen.type(f"{yes}\n")
    assert screen.end() == 0 and len(service.journals) == 1


def test_the_flag_yes_does_not_ask(tmp_path: Path, service: IndependentService) -> None:
    workbook(tmp_path)
    screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db"), "run", "june.xlsx", "--yes")
    assert screen.end() == 0 and "[y/N]" not in screen.text


def test_ctrl_c_waits_for_what_is_under_way_and_reports(tmp_path: Path) -> None:
    workbook(tmp_path, 30)
    arrived, may_answer = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        arrived.set()
        may_answer.wait(30)

    with independent_service(hold) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        screen = Screen(tmp_path, settings, "run", "june.xlsx", "--yes", "--concurrency", "2")
        assert arrived.wait(60)
        screen.process.send_signal(signal.SIGINT)
        may_answer.set()
        code = screen.end()
    assert code == 130 and 1 <= len(service.journals) < 30
    assert "Report" in screen.text
