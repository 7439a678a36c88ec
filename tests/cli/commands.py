"""The command line as a test runs it: in this process, or as a user does, in a process of its own; with folders of its
own."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

from importer.cli import exit_code_of_command
from importer.sandbox import Sandbox

if sys.platform != "win32":
    from tests.cli.prefork import forked

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON document of `--json`."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def importer_process(*arguments: str | Path, folder: Path, **environment: str) -> Ended:
    """Runs `importer` in a process of its own: where it matters how a process begins and ends (its streams, its start,
    what it imports). The environment holds nothing of the tester's own settings."""
    process = subprocess.run(
        [sys.executable, "-m", "importer", *map(str, arguments)],
        cwd=folder,
        env=_environment(folder) | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in process.stderr or "--debug" in arguments, process.stderr
    return Ended(process.returncode, process.stdout, process.stderr)


def importer_forked(*arguments: str | Path, folder: Path, **environment: str) -> Ended:
    """The same, where it matters that it is a process and what its streams are, but not how Python begins: forked from
    one that has loaded the program, in a tenth of the time. On Windows it is `importer_process`."""
    if sys.platform == "win32":
        return importer_process(*arguments, folder=folder, **environment)
    return forked_with([*map(str, arguments)], folder, environment)


def forked_with(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    out: int | None = None,
    closed: int | None = None,
) -> Ended:
    """The same with a descriptor `out` for its output, and the stream of that number `closed` when it begins."""
    with tempfile.TemporaryFile() as kept, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        streams = [nothing.fileno(), kept.fileno() if out is None else out, err.fileno()]
        code = forked(arguments, folder, {**_environment(folder), **environment}, streams, closed).wait(120)
        written, said = (_rewound(stream) for stream in (kept, err))
    assert "Traceback" not in said or "--debug" in arguments, said
    return Ended(code, written, said)


def _rewound(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def started(module: str, *arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """A process that goes on while the test does something else."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=_environment(folder) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """What the process left behind, awaited."""
    out, err = process.communicate(timeout=100)
    assert "Traceback" not in err, err
    return Ended(process.returncode, out, err)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))}
    return kept | home_in(folder)


def importer(*arguments: str | Path, folder: Path, **environment: str) -> Ended:
    """Runs `importer` in a folder, in this process, which takes a tenth of the time of a new one. The environment holds
    nothing of the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))}
    written, said = io.BytesIO(), io.BytesIO()
    out, err = io.TextIOWrapper(written, encoding="utf-8"), io.TextIOWrapper(said, encoding="utf-8")
    with (
        patch.dict(os.environ, kept | home_in(folder) | environment, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = exit_code_of_command(list(map(str, arguments)))
    for stream in (out, err):
        stream.flush()
    shown = said.getvalue().decode()
    assert "Traceback" not in shown or "--debug" in arguments, shown
    return Ended(code, written.getvalue().decode(), shown)


def home_in(folder: Path) -> dict[str, str]:
    """A home of its own: no test may find, or leave, a store or settings in the tester's."""
    home = folder / "home"
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA", "USERPROFILE")
    return dict.fromkeys(names, str(home)) | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}


def settings_for(url: str, store: Path) -> dict[str, str]:
    """The environment that names a service and a store."""
    return {
        "SPX_URL": url,
        "SPX_USERID": "treasurer",
        "SPX_PASSWORD": "canary-password",
        "SPX_EMAIL": "treasurer@example.org",
        "SPX_API_KEY": "key",
        "IMPORTER_STORE": f"sqlite:///{store}",
    }


def login_of(sandbox: Sandbox) -> dict[str, str]:
    """The environment that names a running sandbox."""
    at = sandbox.address
    return {
        "SPX_URL": at.spx_url,
        "SPX_USERID": at.userid,
        "SPX_PASSWORD": at.password,
        "SPX_EMAIL": at.email,
        "SPX_API_KEY": at.api_key,
    }


def settings_of(sandbox: Sandbox, store: object) -> dict[str, str]:
    """The environment that names a running sandbox and a store (a file)."""
    return login_of(sandbox) | {"IMPORTER_STORE": f"sqlite:///{store}"}
