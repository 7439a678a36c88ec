"""The result as one HTML file: no script, no network, nothing outside it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from string import ascii_letters, digits

from importer.errors import SetupError
from importer.language import Language
from importer.model.results import Result
from importer.report.view import page_parts

IN_FILE_NAMES = frozenset(f"{ascii_letters}{digits}-_.")


def write_page(result: Result, folder: Path, language: Language) -> Path:
    """Writes the page of a result as `{run}.html` into `folder` (made if missing) and returns its path.

    The file appears whole or not at all, and only its owner may read it. Raises SetupError (`report`) when
    the folder cannot be written.
    """
    if not IN_FILE_NAMES.issuperset(result.run) or not result.run.strip("."):
        raise ValueError(f"a run id that is no file name: {result.run!r}")
    target = folder / f"{result.run}.html"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_whole(target, page_parts(result, language))
    except OSError as failure:
        raise _unwritable(folder, failure) from failure
    return target


def ready_folder(folder: Path) -> None:
    """Makes sure, before anything is sent, that a page can be written into `folder`; makes it if it is missing.

    Raises SetupError (`report`) when it cannot.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failure:
        raise _unwritable(folder, failure) from failure


def _unwritable(folder: Path, failure: OSError) -> SetupError:
    return SetupError("report", folder=str(folder), detail=failure.strerror or type(failure).__name__)


def _write_whole(target: Path, parts: Iterable[str]) -> None:
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
