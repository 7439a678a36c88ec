"""The files of a submission: collected where the workbook lies, with the rights of whoever hands it in, and laid out
again where it is carried out, so that no path of the one machine is looked up on the other."""

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath

from platformdirs import user_cache_path

from importer import APPLICATION
from importer.errors import ExitCode, SetupError, unusable_file
from importer.files import UnusableFile, read_plain_file
from importer.read.folders import find_workbooks
from importer.read.mappings import MappingFolder
from importer.run.drafts import mappings_at_hand, workbooks_at
from importer.run.results import user_name
from importer.services.http import place_of
from importer.settings import Settings
from importer.settings_file import mappings_folder
from importer.store.database import Database
from importer.store.submissions import (
    MOST_BYTES,
    SUBMITTED,
    Submission,
    SubmissionOptions,
    SubmissionState,
    SubmittedFile,
    add_submission,
    content_of,
    find_submission,
    is_pending,
    sum_of,
)
from importer.templates.forms import FORMS
from importer.validate.attachments import names_in, placed_files

MAPPINGS = ".mappings"
"""The folder of a submission that holds its mappings; no row can name a file in it."""

_LONGEST_NAME = 240
"""Bytes of a file's name; most systems allow 255."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a workbook needs, as it was read: its files, the workbook first, their bytes by hash, and the options with
    what the mappings say."""

    files: Sequence[SubmittedFile]
    contents: dict[str, bytes]
    options: SubmissionOptions
    paths: Sequence[Path] = ()
    """Where the attachments lie."""
    missing: Sequence[str] = ()
    """The names of attachments that are not there, or not to be used."""


def collect(path: Path, settings: Settings, options: SubmissionOptions) -> Collected:
    """Reads the workbook at `path`, the files that its rows name and the mappings that its sheets are read by.
    `settings` say where attachments lie, `options` are those of the submission to be.

    A file that is missing, or that lies where no copy of the workbook could have it, is left out: the run reports it at
    its row. Raises SetupError for a workbook that is no plain file, is too large, or is changed meanwhile, and for a
    mapping that cannot be used.
    """
    content = _bytes_of(path)
    folder = MappingFolder(mappings_folder())
    mappings = mappings_at_hand(folder, settings, options.mapping, options.encoding)
    found = [(path.name, content)]
    used: dict[str, str] = {}
    paths: list[Path] = []
    missing: set[str] = set()
    for workbook in workbooks_at([path], lambda: None, mappings, skip_hidden=options.skip_hidden):
        for sheet in workbook.sheets:
            placed = placed_files(sheet, settings.attachments)
            named = {name for text in set(sheet.columns.get("attachment", ())) for name in names_in(text)}
            missing |= named - placed.keys()
            for name, file in placed.items():
                place = posixpath.normpath(name.replace("\\", "/"))
                if _is_inside(place) and file.stat().st_size <= MOST_BYTES:
                    found.append((place, _bytes_of(file)))
                    paths.append(file)
            if sheet.mapping is not None:
                name = sheet.mapping.name
                found.append((f"{MAPPINGS}/{name}.toml", _bytes_of(folder.path_of(name))))
                if name in mappings.used:
                    used[name] = mappings.used[name]
    if _bytes_of(path) != content:
        raise SetupError("file-changed", file=str(path))
    by_name = dict(found)
    files = [SubmittedFile(name, sum_of(one)) for name, one in by_name.items()]
    contents = {sum_of(one): one for one in by_name.values()}
    return Collected(files, contents, replace(options, used=used), paths, sorted(missing))


def hand_in(
    paths: Sequence[Path], settings: Settings, database: Database, options: SubmissionOptions, source: str
) -> list[Submission]:
    """Submits each workbook that the paths name, once all of them could be read, with these options, for the ledger and
    the user of the settings; gives the submissions. `source` as in `Submission`. A workbook of the same name under
    the same profile has the same origin: it is a newer version. What waits already, unchanged, is submitted again only
    by a person. Raises SetupError."""
    place = place_of(settings.service_address())
    if not settings.userid:
        settings.login_address()  # says what is missing
    collected = [(path, collect(path, settings, options)) for path in find_workbooks(paths, FORMS)]
    handed_in = []
    for path, one in collected:
        profile = settings.profile or ""
        origin = f"{profile}/{path.name}"
        if source != SUBMITTED and is_pending(database, origin, one.files, one.options):
            continue
        new = Submission(
            *(path.name, origin, one.files, one.options, profile),
            *(place, settings.userid or "", settings.company_id, source, user_name()),
        )
        handed_in.append(find_submission(database, add_submission(database, new, one.contents)))
    return handed_in


def folder_of(database: Database, number: int) -> Path:
    """The folder for the files of a submission: the same one for each attempt, since a run that is resumed looks for
    its attachments where it found them first."""
    store = sum_of(database.name.encode("utf-8", "surrogateescape"))[:8]
    return user_cache_path(APPLICATION, appauthor=False) / "submissions" / f"{store}-{number}"


def lay_out(database: Database, submission: Submission, folder: Path) -> Path:
    """Writes the files of a submission from the database to the folder; gives the workbook's path relative to it.
    Raises SetupError when they were removed from the store or the folder cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in submission.files:
            if not _is_inside(file.name):
                raise SetupError("submission-emptied", store=database.name)
            target = folder / file.name
            if not (target.is_file() and sum_of(target.read_bytes()) == file.sha256):
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                draft = target.with_name(f".{submission.attempts}.part")
                draft.write_bytes(content_of(database, file.sha256))
                draft.replace(target)
    except OSError as error:
        raise SetupError(
            "submission-folder", folder=str(folder), detail=error.strerror or type(error).__name__
        ) from error
    used = MappingFolder(folder / MAPPINGS)
    for name, sha256 in submission.options.used.items():
        used.note_use(submission.profile, name, sha256)
    return Path(submission.files[0].name)


class Destination(StrEnum):
    """The folder into which a workbook is moved when its submission has ended."""

    DONE = "done"
    CORRECTIONS = "corrections"
    FAILED = "failed"
    DOUBT = "doubt"


def destination_of(ended: Submission) -> Destination:
    """The folder for the workbook of a submission that has ended. One that was stopped while journals were in doubt
    goes to `DOUBT`."""
    if ended.state is SubmissionState.DONE:
        by_code = {
            ExitCode.FINE: Destination.DONE,
            ExitCode.FAULTY: Destination.CORRECTIONS,
            ExitCode.UNKNOWN: Destination.DOUBT,
        }
        return by_code.get(ExitCode(ended.exit_code or 0), Destination.FAILED)
    is_in_doubt = ended.looks or ended.exit_code == ExitCode.UNKNOWN
    return Destination.DOUBT if is_in_doubt else Destination.FAILED


def name_with(name: str, token: str, suffix: str) -> str:
    """The name of a file that belongs to the workbook `name`, such as `june.TOKEN.html` for the suffix `.html`; one
    that would be too long for a file system is cut. `token` tells workbooks of the same name apart."""
    stem = Path(name).stem
    while len(os.fsencode(f"{stem}.{token}{suffix}")) > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem}.{token}{suffix}"


def _is_inside(name: str) -> bool:
    """True for a relative path that leads nowhere else, in any system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/") and not PureWindowsPath(name).drive


def _bytes_of(path: Path) -> bytes:
    try:
        return read_plain_file(path, MOST_BYTES)
    except UnusableFile as error:
        raise unusable_file(path, MOST_BYTES, error) from error
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise SetupError("file-unreadable", file=str(path), detail=detail) from error
