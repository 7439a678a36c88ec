"""Paths become the files to read: which files of a folder are workbooks."""

import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from importer.files import beginning_of
from importer.formats.kinds import (
    LONGEST_START,
    PERHAPS_SUFFIXES,
    SUFFIXES,
    first_rows,
    is_own,
    says_workbook,
    start_of,
)
from importer.model.workbook import ANNOTATED_MARK
from importer.read.headings import layout_of
from importer.templates.forms import Form
from importer.xlsx.package import DAMAGE, ZIP


def find_workbooks(paths: Sequence[Path], forms: Sequence[Form]) -> list[Path]:
    """The files to read, each once: a file is itself, a folder its spreadsheets by name, without lock files (`~$`),
    hidden ones and lists that the importer has written. Of pages, XML and plain texts those are among them that say in
    themselves that they are a workbook, or begin with the headings of a form. A pipe, or a link to nowhere, with a
    workbook's name is among them, to be reported.

    A folder without any, or one that may not be looked into, stays in the list, to be reported.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _workbooks_in(path, forms) or [path]:
            found.setdefault(_absolute(file), file)
    return list(found.values())


def _workbooks_in(path: Path, forms: Sequence[Form]) -> list[Path]:
    try:
        files = sorted(file for file in path.iterdir() if not file.name.startswith(("~$", ".")) and not file.is_dir())
    except (OSError, ValueError):
        return []
    return [file for file in files if _is_to_be_read(file, forms)]


def _is_to_be_read(file: Path, forms: Sequence[Form]) -> bool:
    suffix = file.suffix.lower()
    if suffix not in (*SUFFIXES, *PERHAPS_SUFFIXES):
        return False
    try:
        start = beginning_of(file, LONGEST_START)
    except (OSError, ValueError):
        return suffix in SUFFIXES
    if suffix in SUFFIXES:
        return not is_own(start_of(start)) and not (start.startswith(ZIP) and _is_annotated(file))
    return says_workbook(start) or any(layout_of([row], forms) is not None for row in first_rows(start))


def _is_annotated(file: Path) -> bool:
    """True for a copy of a workbook in which a run has written what became of each row."""
    with suppress(*DAMAGE), zipfile.ZipFile(file) as archive:
        properties = archive.getinfo("docProps/custom.xml")
        return properties.file_size < LONGEST_START and ANNOTATED_MARK.encode() in archive.read(properties)
    return False


def _absolute(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path
