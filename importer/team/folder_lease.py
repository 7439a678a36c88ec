"""One watcher for each folder: a file inside the folder, which watchers with any store see, and a lease in the store,
which decides between two watchers with the same store.

The file names the folder by a random text. The store with a lease for this text is the one that knows the workbooks in
work there; a watcher with another store would run those again that are in doubt, so it is refused.
"""

import json
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

from importer.errors import SetupError
from importer.store.database import Database
from importer.store.leases import LEASE_SECONDS, RENEW_SECONDS, Holder, Lease
from importer.store.submissions import SOURCE_FOLDER, find_by_source

FILE = "watcher.json"
BEAT_SECONDS = 5.0
SILENT_SECONDS = LEASE_SECONDS + BEAT_SECONDS
"""A file that has not changed for so long belongs to a watcher that is gone; measured by the own clock alone, since the
other machine's may be another."""

_LOOK_SECONDS = 0.5
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Sign:
    """What the file holds: the folder's random name, the watcher's, its process, and a number that grows."""

    folder: str
    watcher: str
    holder: Holder
    beat: int = 0


class FolderLease:
    """The right of this process to watch a folder. `working` is the folder of what is in work, `store` the store's
    address; `is_lost` is set when somebody else has the folder by now."""

    def __init__(self, working: Path, store: str, holder: Holder, silent_seconds: float = SILENT_SECONDS) -> None:
        self._file = working / FILE
        self._store = store
        self._holder = holder
        self._silent_seconds = silent_seconds
        self._watcher = uuid4().hex
        self._folder = ""
        self._beats = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.is_lost = threading.Event()

    def take(self, database: Database, in_work: Collection[str]) -> None:
        """Takes the folder, in which these workbooks are in work, and keeps it until `release`. Raises SetupError when
        somebody else watches it, or another store knows of what is in work."""
        before = self._read()
        if before is not None and not before.holder.is_dead:
            self._await_silence(before)
        self._folder = uuid4().hex if before is None else before.folder
        if in_work and not self._is_known(database, in_work):
            raise SetupError("folder-other-store", folder=str(self._file.parent), store=database.name)
        held = self._lease(database).take()
        if held is not None:
            raise self._watched(held[1])
        self._write(is_first=before is None and not self._file.exists())
        self._thread.start()

    def release(self, database: Database, *, is_empty: bool) -> None:
        """Gives the folder up. The file stays unless the folder `is_empty`, since it says whose the workbooks in work
        are."""
        self._ends.set()
        self._thread.join()
        if self.is_lost.is_set() or not is_empty:
            return
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        self._lease(database).release()

    def _is_known(self, database: Database, in_work: Collection[str]) -> bool:
        row = database.row("SELECT 1 FROM leases WHERE company = ?", (self._company,))
        # A store that was copied has no leases, but all submissions.
        return row is not None or all(find_by_source(database, SOURCE_FOLDER + token) for token in in_work)

    @property
    def _company(self) -> str:
        return f"watch {self._folder}"

    def _lease(self, database: Database) -> Lease:
        return Lease(database, self._company, self._watcher, self._holder)

    def _await_silence(self, before: _Sign) -> None:
        began = monotonic()
        while monotonic() - began < self._silent_seconds:
            sleep(_LOOK_SECONDS)
            now = self._read()
            if now is not None and now != before:
                raise self._watched(now.holder)

    def _watched(self, holder: Holder) -> SetupError:
        facts = {"holder": holder.name, "host": holder.machine, "process": str(holder.process)}
        return SetupError("folder-watched", folder=str(self._file.parent.parent), **facts)

    def _read(self) -> _Sign | None:
        """None where there is no file, or none that says anything."""
        try:
            with self._file.open("rb") as file:
                found = json.loads(file.read(_MOST_BYTES))
            return _Sign(**found | {"holder": Holder(**found["holder"])})
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SetupError("folder-away", folder=str(self._file.parent), detail=error.strerror or "") from error
        except (ValueError, TypeError, KeyError):
            return None

    def _write(self, *, is_first: bool = False) -> None:
        self._beats += 1
        content = json.dumps(asdict(_Sign(self._folder, self._watcher, self._holder, self._beats))).encode()
        try:
            if is_first:
                self._file.parent.mkdir(exist_ok=True)
                with self._file.open("xb") as file:
                    file.write(content)
                return
            draft = self._file.with_name(f".{self._watcher}.part")
            draft.write_bytes(content)
            draft.replace(self._file)
        except FileExistsError as error:
            raise self._watched(self._holder) from error
        except OSError as error:
            raise SetupError("folder-away", folder=str(self._file.parent), detail=error.strerror or "") from error

    def _keep(self) -> None:
        renewed = monotonic()
        with Database(self._store) as database:
            while not self._ends.wait(BEAT_SECONDS) and not self.is_lost.is_set():
                with suppress(SetupError):  # a share or a store that is away: the lease runs out unless it comes back
                    sign = self._read()
                    if sign is not None and sign.watcher != self._watcher:
                        self.is_lost.set()
                        return
                    self._write()
                if monotonic() - renewed >= RENEW_SECONDS:
                    try:
                        self._lease(database).renew()
                    except SetupError as error:
                        if error.key == "lease-lost":
                            self.is_lost.set()
                    renewed = monotonic()
