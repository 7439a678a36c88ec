"""Which processes are at work: the lease on a company (one run at a time posts to it, others wait), and the workers
that are alive.

Times are told by the database's clock, so that two machines with different clocks agree.
"""

import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import psutil

from importer.errors import SetupError
from importer.store.database import Database, as_json

LEASE_SECONDS = 60.0
RENEW_SECONDS = 15.0
"""How long a lease lasts without being renewed, and how often it is renewed."""

_START_TICKS = 19
"""Field 22 of /proc/PID/stat, counted from the first one after the name."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROCESS_NUMBERS = Path("/proc/self/ns/pid")

OF_PROCESS = " AND host = ? AND process = ? AND born = ?"
"""A run's name alone is nobody's: two processes may resume the same run."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a company: the person, the machine (`this_host`), its process, and what tells when that process was
    born (process numbers are used again): below zero what `_ticks` gives, else seconds since 1970."""

    name: str
    host: str
    process: int
    born: float

    @property
    def process_key(self) -> tuple[str, int, float]:
        """What tells this process from every other, in the order of `OF_PROCESS`."""
        return self.host, self.process, self.born

    @property
    def machine(self) -> str:
        """The name of the machine, for people."""
        return self.host.partition("/")[0]

    @property
    def is_dead(self) -> bool:
        """True when it was a process of this machine and is there no more."""
        if self.host not in (this_host(), platform.node()):  # older programs wrote the name alone, into local files
            return False
        try:
            process = psutil.Process(self.process)
            is_zombie = process.status() == psutil.STATUS_ZOMBIE  # ended, and nobody has asked how
            if self.born < 0:
                ticks = _ticks(process.pid)
                return is_zombie or ticks not in (None, self.born)  # not to be told: its lease may run out
            # A second of tolerance: systems tell the birth to the clock tick only.
            return is_zombie or abs(process.create_time() - self.born) > 1
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False


@cache
def this_boot() -> str:
    """An id of the machine's current boot. Where the system has none it is the moment of the start by the wall clock; a
    clock that was set since then gives another id, so that steady times are not compared with each other."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return str(round(psutil.boot_time()))


@cache
def this_host() -> str:
    """An id of this machine, its boot and its process number space: two machines or containers that share a store may
    have the same name, and process numbers of the one mean nothing on the other."""
    try:
        space = str(_PROCESS_NUMBERS.readlink())
    except (OSError, NotImplementedError):
        space = ""
    return f"{platform.node()}/{crc32(f'{this_boot()} {space}'.encode()):08x}"


def this_process(name: str) -> Holder:
    """The process that runs this program, for the person `name`."""
    return Holder(name, this_host(), os.getpid(), _born(os.getpid()))


@cache
def _born(process: int) -> float:
    """Asked once: where only a time can be told, a correction of the clock may move it."""
    ticks = _ticks(process)
    return psutil.Process(process).create_time() if ticks is None else ticks


def _ticks(process: int) -> float | None:
    """Below zero: which start of the machine, and how many clock ticks after it the process was born, in one whole
    number that a float holds exactly (20 and 33 bits). No correction of the clock moves it. None where the system does
    not tell (proc(5): `starttime`, `boot_id`)."""
    try:
        boot = _BOOT_ID.read_bytes().strip()
        after_name = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2]  # a name may hold blanks
        ticks = int(after_name.split()[_START_TICKS])
    except (OSError, ValueError, IndexError):
        return None
    return -float((crc32(boot) % (2**20 - 1) + 1 << 33) + ticks % 2**33)


class Lease:
    """A run's hold on a company (`company` is the key of the fingerprints), in one process: another one that resumes
    the same run has to wait."""

    def __init__(
        self,
        database: Database,
        company: str,
        run: str,
        holder: Holder,
        is_dead: Callable[[Holder], bool] = lambda holder: holder.is_dead,
    ) -> None:
        self._database = database
        self._company = company
        self._run = run
        self._holder = holder
        self._is_dead = is_dead

    def take(self) -> tuple[str, Holder] | None:
        """Takes the lease; gives the run that holds it otherwise, and its process. An expired lease is taken over, and
        at once that of a process of this machine that has died. Raises SetupError when the store cannot be used."""
        with self._database.transaction(self._company) as connection:
            row = connection.execute(
                "SELECT *, until - clock() AS seconds FROM leases WHERE company = ?", (self._company,)
            ).fetchone()
            if row is not None and row["seconds"] > 0:
                holder = Holder(row["holder"], row["host"], row["process"], row["born"])
                is_ours = row["run"] == self._run and holder == self._holder
                if not is_ours and not self._is_dead(holder):
                    return row["run"], holder
            connection.execute(
                "INSERT INTO leases (company, run, host, process, born, holder, until)"
                " VALUES (?, ?, ?, ?, ?, ?, clock() + ?)"
                " ON CONFLICT (company) DO UPDATE SET run = excluded.run, host = excluded.host,"
                " process = excluded.process, born = excluded.born, holder = excluded.holder, until = excluded.until",
                (self._company, self._run, *self._holder.process_key, self._holder.name, LEASE_SECONDS),
            )
        return None

    def renew(self) -> None:
        """Extends the lease by `LEASE_SECONDS`. Raises SetupError `lease-lost` when somebody else holds the company."""
        ours = (self._company, self._run, *self._holder.process_key)
        renewed = "UPDATE leases SET until = clock() + ? WHERE company = ? AND run = ?" + OF_PROCESS
        if self._database.write(renewed, (LEASE_SECONDS, *ours), self._company) != 1:
            raise SetupError("lease-lost", store=self._database.name)

    def release(self) -> None:
        """Gives the lease up, so that the next run can take it."""
        ours = (self._company, self._run, *self._holder.process_key)
        self._database.write("DELETE FROM leases WHERE company = ? AND run = ?" + OF_PROCESS, ours, self._company)


ALIVE_SECONDS = 60.0
"""So long after its last sign of life a worker counts as gone."""

STALLED_SECONDS = 30.0
"""The same for a worker of the queue: its jobs go to others."""

_FORGET_SECONDS = 86_400.0


def note_worker(database: Database, profiles: Iterable[str]) -> None:
    """Records that this process is a worker that is alive and has these profiles."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM workers WHERE seen < clock() - ?", (_FORGET_SECONDS,))
        connection.execute(
            "INSERT INTO workers (host, process, profiles, seen) VALUES (?, ?, ?, clock())"
            " ON CONFLICT (host, process) DO UPDATE SET profiles = excluded.profiles, seen = excluded.seen",
            (this_host(), os.getpid(), as_json(list(profiles))),
        )


def forget_worker(database: Database) -> None:
    """Removes this process from the workers."""
    database.write("DELETE FROM workers WHERE host = ? AND process = ?", (this_host(), os.getpid()))


def workers_in(database: Database) -> list[tuple[str, list[str]]]:
    """The workers that are alive: the machine of each, and the profiles that it has (`""`: none)."""
    rows = database.rows("SELECT host, profiles FROM workers WHERE seen > clock() - ? ORDER BY id", (ALIVE_SECONDS,))
    return [(row["host"].partition("/")[0], json.loads(row["profiles"])) for row in rows]
