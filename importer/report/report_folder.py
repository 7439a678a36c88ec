"""The folder of reports: the names of its files, and how one is written whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from string import ascii_letters, digits

from importer.errors import SetupError

IN_FILE_NAMES = frozenset(f"{ascii_letters}{digits}-_.")


def page_of(run: str, folder: Path) -> Path:
    """Where the page of a run is written."""
    if not IN_FILE_NAMES.issuperset(run) or not run.strip("."):
        raise ValueError(f"a run id that is no file name: {run!r}")
    return folder / f"{run}.html"


def ready_folder(folder: Path) -> None:
    """Makes sure, before anything is sent, that a page can be written into `folder`; makes it if it is missing.

    Raises SetupError (`report`) when it cannot.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failure:
        raise unwritable(folder, failure) from failure


def unwritable(folder: Path, failure: OSError) -> SetupError:
    """The error of a folder of reports that cannot be written."""
    return SetupError("report", folder=str(folder), detail=failure.strerror or type(failure).__name__)


def write_whole(target: Path, parts: Iterable[str]) -> None:
    """Writes a file that appears whole or not at all, and that only its owner may read. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=".part", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _keep_name(target.parent)


def _keep_name(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
