"""The command line in this process, asking a service over a socket: quicker than a process of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from importer.cli import exit_code_of_command
from importer.sandbox import Sandbox
from tests.cli.commands import home_in, login_of


@dataclass(frozen=True)
class Answered:
    """What a command left behind; `out` are bytes, since a workbook may come."""

    code: int
    out: bytes
    err: str


Ask = Callable[..., Answered]


def environment_of(sandbox: Sandbox) -> dict[str, str]:
    """The settings that reach a sandbox and its stamps."""
    at = sandbox.address
    return login_of(sandbox) | {"SOVOS_URL": at.sovos_url, "SOVOS_API_KEY": at.sovos_api_key}


def asking(
    environment: dict[str, str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    captured: pytest.CaptureFixture[bytes],
) -> Ask:
    """Runs commands in a folder of their own, with these settings and none of the tester's."""
    monkeypatch.chdir(folder)
    for name in ("COLUMNS", "LC_ALL", "LC_MESSAGES", "IMPORTER_LANG", "IMPORTER_PROFILE", "SPX_DIALECT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (home_in(folder) | environment).items():
        monkeypatch.setenv(name, value)

    def ask(*arguments: str) -> Answered:
        code = exit_code_of_command([*arguments])
        out, err = captured.readouterr()
        return Answered(code, out, err.decode())

    return ask
