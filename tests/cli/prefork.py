"""Commands on a terminal without the second that Python takes to load the program: a process that has loaded it forks
for each command. What a process loads, and how it begins, is tested with `commands.importer_process`. POSIX only."""

import array
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import warnings
import weakref
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

LOADED = (
    "importer.cli.run importer.cli.login importer.run.pipeline importer.post.poster"
    " importer.report.page importer.report.corrections importer.services.session pandera.polars polars rich.table"
    " jinja2 xlsxwriter"
)
_MOST_BYTES = 100_000


class Forked:
    """A command under way in a process of its own, as `subprocess.Popen` has it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        weakref.finalize(self, connection.close)  # nobody may wait for what was killed
        self.pid = int(_line(connection))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, None while it goes on."""
        try:
            return self.wait(0.001)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, seconds: float) -> int:
        """Its exit code; a signal that ended it is negative. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._connection.settimeout(seconds)
            try:
                self.returncode = os.waitstatus_to_exitcode(int(_line(self._connection)))
            except TimeoutError:
                raise subprocess.TimeoutExpired("importer", seconds) from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, to a process that goes on."""
        if self.poll() is None:
            os.kill(self.pid, number)


def forked(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: Sequence[int],
    closed: int | None = None,
) -> Forked:
    """Starts `importer` with these arguments in a folder and a session of its own; `streams` are the descriptors of its
    standard input, output and error, `closed` the number of the one that is closed before it begins."""
    ours, theirs = socket.socketpair()
    with theirs:
        request = json.dumps([list(arguments), str(folder), dict(environment), closed]).encode()
        descriptors = array.array("i", [*streams, theirs.fileno()])
        _server()[0].sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    return Forked(ours)


@cache
def _server() -> tuple[socket.socket, object]:
    """The way to the process that forks, and that process; one for this process, which it does not outlive."""
    whole_messages = socket.SOCK_DGRAM if sys.platform == "darwin" else socket.SOCK_SEQPACKET
    ours, theirs = socket.socketpair(socket.AF_UNIX, whole_messages)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))}
    words = [sys.executable, "-W", "error", "-m", "tests.cli.prefork", str(theirs.fileno())]
    process = subprocess.Popen(words, pass_fds=[theirs.fileno()], env=kept, cwd=Path(__file__).parents[2])
    theirs.close()
    return ours, process


def _line(connection: socket.socket) -> str:
    """What is said up to the end of a line; -9 when the other side has died."""
    said = b""
    while not said.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return str(signal.SIGKILL.value)
        said += byte
    return said.decode()


def _serve(requests: socket.socket) -> None:
    for name in LOADED.split():
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        descriptors = array.array("i")
        request, found, _, _ = requests.recvmsg(_MOST_BYTES, socket.CMSG_LEN(4 * descriptors.itemsize))
        if not request:
            return
        descriptors.frombytes(found[0][2])
        if os.fork() == 0:
            _wait_for_command(request, list(descriptors))
        for descriptor in descriptors:
            os.close(descriptor)


def _wait_for_command(request: bytes, descriptors: list[int]) -> None:
    """Says the number of the process of the command, and how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, answers = descriptors
    process = os.fork()
    if process == 0:
        os.close(answers)
        _command(request, streams)
    for stream in streams:
        os.close(stream)
    os.write(answers, f"{process}\n".encode())
    _, status = os.waitpid(process, 0)
    os.write(answers, f"{status}\n".encode())
    os._exit(0)


def _command(request: bytes, streams: list[int]) -> None:
    from importer.cli import main

    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    arguments, folder, environment, closed = json.loads(request)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["importer", *arguments]
    if environment.get("PYTHONWARNINGS") == "ignore":
        warnings.simplefilter("ignore")
    sys.path[:0] = paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    for path in paths:
        if (start := Path(path, "sitecustomize.py")).is_file():  # Python runs it at its own start
            runpy.run_path(str(start))
    sys.stdin, sys.stdout, sys.stderr = (
        open(0, encoding="utf-8", closefd=False),  # noqa: SIM115  these last as long as the process
        open(1, "w", 1, "utf-8", closefd=False),  # noqa: SIM115
        open(2, "w", 1, "utf-8", "backslashreplace", closefd=False),  # noqa: SIM115
    )
    if closed is not None:  # Python has None for a stream that is closed at its start
        os.close(closed)
        setattr(sys, ("stdin", "stdout", "stderr")[closed], None)
    main()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
