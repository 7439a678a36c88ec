"""`importer sandbox` as a person starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from importer.cli.sandbox import assignment
from importer.sandbox.switches import ABOUT
from tests.cli.commands import importer, importer_forked
from tests.sandbox.caller import PATIENCE

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child process")


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "importer", "sandbox", *arguments, "--lang", "en"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    with child:
        try:
            yield child
        finally:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("value", "posix", "powershell"),
    [
        ("http://127.0.0.1:80", "export A=http://127.0.0.1:80", "$env:A = 'http://127.0.0.1:80'"),
        ("/o'b $HOME", """export A='/o'"'"'b $HOME'""", "$env:A = '/o''b $HOME'"),
        ("D\u2019Angelo", "export A='D\u2019Angelo'", "$env:A = 'D\u2019\u2019Angelo'"),
    ],
)
def test_settings_are_written_for_the_shell_of_the_platform(value: str, posix: str, powershell: str) -> None:
    assert assignment("A", value, "linux") == assignment("A", value, "darwin") == posix
    assert assignment("A", value, "win32") == powershell


def test_the_help_lists_every_switch(tmp_path: Path) -> None:
    ended = importer("sandbox", "--help", folder=tmp_path)
    assert ended.code == 0 and all(f"  {name} " in ended.out for name in ABOUT)


@needs_signals
def test_it_speaks_the_live_dialect_keeps_the_company_and_logs(tmp_path: Path) -> None:
    kept, log = tmp_path / "a company", tmp_path / "access.log"
    options = ("--json", "--dialect", "live", "--data", str(kept), "--log", str(log), "--switch", "unauthenticated_404")
    with started(*options) as child:
        assert child.stdout is not None
        address = json.loads(child.stdout.readline())
        lost = httpx.get(f"{address['spx_url']}/company", trust_env=False, timeout=PATIENCE)
        assert (lost.status_code, lost.json()) == (404, {"message": "Unauthenticated."})
        headers = {"RCApiKey": address["sovos_api_key"]}
        url = f"{address['sovos_url']}/api/rest/Timbre/saldos"
        assert (
            httpx.post(
                url, json={"MesConsulta": "2019-01"}, headers=headers, trust_env=False, timeout=PATIENCE
            ).status_code
            == 200
        )
        busy = importer_forked("sandbox", "--data", kept, folder=tmp_path)
        assert busy.code == 3 and busy.err == (
            f"The folder {kept} cannot keep the sandbox's company: another sandbox is using it. Name another one with "
            "--data.\n"
        )
    assert child.returncode == 0
    assert [line.split()[2:4] for line in log.read_text(encoding="utf-8").splitlines()] == [
        ["/api/spxtra/company", "404"],
        ["/api/rest/Timbre/saldos", "200"],
    ]


@needs_signals
def test_the_settings_are_ready_to_be_copied_into_a_shell(tmp_path: Path) -> None:
    kept = tmp_path / "a company"
    with started("--data", str(kept)) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(9)]
    assert str(kept) in lines[0]
    names = "SPX_URL SPX_USERID SPX_PASSWORD SPX_EMAIL SPX_API_KEY SOVOS_URL SOVOS_API_KEY IMPORTER_STORE".split()
    script = "".join(lines[1:]) + "printf '%s\\n' " + " ".join(f'"${one}"' for one in names)
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(shown) == 8
    assert shown[0] == shown[5]
    assert shown[-1] == f"sqlite:///{kept}/practice.db"


@pytest.mark.parametrize("switch", ["nope", "numeric_codes=2", "token_requests"])
def test_a_switch_that_is_none_is_a_wrong_command_line(switch: str, tmp_path: Path) -> None:
    ended = importer("sandbox", "--switch", switch, folder=tmp_path)
    assert ended.code == 2 and f"{switch} is no switch" in ended.err


def test_folders_and_files_that_cannot_be_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "changes.jsonl").write_text("diary\n")
    ended = importer("sandbox", "--data", tmp_path, folder=tmp_path)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert "not written by this version" in ended.err
    ended = importer("sandbox", "--log", tmp_path / "none" / "file", folder=tmp_path)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert ended.err.startswith("The access log ")
