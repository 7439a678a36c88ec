"""A watched folder: workbooks that lie still in it are taken, carried out one after the other, and moved to where their
result belongs, with the report.

    FOLDER/june.xlsx -> .working/TOKEN/june.xlsx -> done/june.TOKEN.xlsx and done/june.TOKEN.html

Each step is a rename or a row in the store, and the next one follows from what is there: the files in `.working` and
the submission whose source is the token. So a watcher that is killed between any two steps goes on where it was.
The listing is the truth; events are not asked for, because shares do not send them.
"""

import errno
import html
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic

from importer.errors import ImporterError, SetupError
from importer.files import lock_files_of
from importer.formats.kinds import SUFFIXES
from importer.printable import printable
from importer.report.page import write_page
from importer.report.report_folder import page_of, write_data_files
from importer.run.history import past_result
from importer.run.state import run_name
from importer.services.http import place_of
from importer.settings import WATCH_ACCEPTS, Settings
from importer.store.database import Database
from importer.store.notices import add_notices
from importer.store.submissions import (
    ENDED,
    SOURCE_FOLDER,
    Submission,
    SubmissionOptions,
    add_submission,
    bring_on_decided,
    due_submissions,
    find_by_source,
    find_submission,
)
from importer.team.channels import read_channels
from importer.team.files import Destination, collect, destination_of, name_with
from importer.team.jobs import carry_out, waiting_for
from importer.team.notices import Tell, notices_of_failure
from importer.translations import Language, say, sentence_of
from importer.xlsx.package import ZIP

WORKING = ".working"
"""The folder of what was taken and has not ended."""

PATIENCE = 10
"""After so many times the stable time a workbook is taken that is damaged, or whose attachments do not come."""

_TRIES, MOST_TRIES = ".tries", 3
"""The file with a byte for each reading of a workbook that has not come to its end, and how many there may be."""

UNKNOWN_PERSON = "–"
"""Who has put a file into a folder is not known."""


def is_to_take(name: str, beside: frozenset[str]) -> bool:
    """True for the name of a workbook that nobody has open, by the names of all files beside it in small letters."""
    is_workbook = name.casefold().endswith(SUFFIXES) and not name.startswith(("~$", "."))
    return is_workbook and lock_files_of(name).isdisjoint(beside)


class Stillness:
    """For how long files have not changed in size, time and inode, as far as this process has observed them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen: dict[Path, tuple[tuple[int, int, int], float]] = {}

    def seconds(self, path: Path) -> float:
        """The seconds since the file changed last; 0 for one that is seen for the first time, or is gone."""
        try:
            status = path.lstat()
        except OSError:
            self._seen.pop(path, None)
            return 0.0
        now = self._clock()
        known = (status.st_size, status.st_mtime_ns, status.st_ino)
        before = self._seen.get(path)
        if before is None or before[0] != known:
            self._seen[path] = known, now
            return 0.0
        return now - before[1]

    def renamed(self, path: Path, target: Path) -> None:
        """The file has another name now."""
        if path in self._seen:
            self._seen[target] = self._seen.pop(path)

    def forget_all_but(self, paths: set[Path], folder: Path) -> None:
        """What is no longer in the folder need not be remembered."""
        for path in [one for one in self._seen if one.parent == folder and one not in paths]:
            del self._seen[path]


def is_whole(path: Path) -> bool:
    """False for a file that is still being copied, or damaged: it is empty, begins with the zeros of room that was made
    for it, or is an archive without a readable directory. What else is wrong with it its run tells. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(8)
        if not start.startswith(ZIP):
            return bool(start.strip(b"\0"))
        try:
            with zipfile.ZipFile(file):
                return True
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
            return False


class WatchedFolder:
    """A folder whose workbooks are carried out. `folder` is its real path; `options` are those of its submissions;
    `stable` is for how many seconds a file must not have changed; `environment` is that of the child processes; `tell`
    is called with what happens; `is_stopping` is asked between two steps."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        options: SubmissionOptions,
        environment: Mapping[str, str],
        stable: float,
        tell: Tell,
        is_stopping: Callable[[], bool] = lambda: False,
        stillness: Stillness | None = None,
    ) -> None:
        self.folder = folder
        self.working = folder / WORKING
        accepted = settings.watch_accepts
        self._options = replace(options, held=tuple(one for one in WATCH_ACCEPTS.values() if one not in accepted))
        self._settings = replace(settings, attachments=folder, reports=settings.reports.absolute())
        self._environment = environment
        self._stable = stable
        self._tell = tell
        self._is_stopping = is_stopping
        self._still = stillness or Stillness()
        self._channels = read_channels(settings)
        self._said: set[tuple[str, str]] = set()

    def in_work(self) -> list[str]:
        """The tokens of what was taken and has not ended, the oldest first. Raises SetupError."""
        try:
            entries = list(self.working.iterdir()) if self.working.is_dir() else []
            return sorted(one.name for one in entries if one.is_dir() and not one.is_symlink())
        except OSError as error:
            raise SetupError("folder-away", folder=str(self.working), detail=error.strerror or "") from error

    def look(self, database: Database) -> None:
        """Continues with the workbooks in work, then takes new ones. Raises SetupError when the store or the folder
        cannot be used."""
        bring_on_decided(database, waiting_for(""))
        self._bring_on(database, self.in_work())
        self._bring_on(database, self._take_all())

    def _take_all(self) -> list[str]:
        """Takes every workbook that lies still; gives their tokens."""
        try:
            names = sorted(one.name for one in self.folder.iterdir())
        except OSError as error:
            raise SetupError("folder-away", folder=str(self.folder), detail=error.strerror or "") from error
        self._still.forget_all_but({self.folder / name for name in names}, self.folder)
        beside = frozenset(name.casefold() for name in names)
        taken = []
        for name in names:
            path = self.folder / name
            try:
                if is_to_take(name, beside) and self._is_ready(path):
                    taken.append(self._take(path))
            except OSError as error:  # somebody has it open, or took it away: the next look tells
                if self._still.seconds(path) >= PATIENCE * self._stable:
                    self._say("watch-not-taken", name, detail=error.strerror or type(error).__name__)
        return taken

    def _is_ready(self, path: Path) -> bool:
        """True for a file that lies still and that nobody writes, and for a link, which is refused. Raises OSError."""
        seconds = self._still.seconds(path)
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return True
        if not stat.S_ISREG(mode) or seconds < self._stable:
            return False
        with path.open("r+b"):  # on Windows, not while a program has it open
            pass
        return is_whole(path) or seconds >= PATIENCE * self._stable

    def _take(self, path: Path) -> str:
        token = run_name()
        folder = self.working / token
        folder.mkdir(parents=True)
        try:
            path.rename(folder / path.name)
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            raise
        self._still.renamed(path, folder / path.name)
        return token

    def _bring_on(self, database: Database, tokens: list[str]) -> None:
        due = {one.id for one in due_submissions(database)} if tokens else set()
        for token in tokens:
            if self._is_stopping():
                return
            try:
                self._bring_one_on(database, token, due)
            except OSError as error:  # a folder or file that is in use; the next look goes on from what is there
                detail = f"{error.strerror or type(error).__name__}: {error.filename or ''}"
                self._say("watch-not-moved", token, detail=detail)

    def _bring_one_on(self, database: Database, token: str, due: set[int]) -> None:
        folder = self.working / token
        names = sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))
        if not names:  # nothing was moved into it yet, or everything out of it
            for draft in folder.iterdir():
                draft.unlink()
            folder.rmdir()
            return
        path = folder / names[0]
        if names[1:]:
            self._say("watch-not-moved", token, detail=", ".join(names))
            return
        submission = find_by_source(database, SOURCE_FOLDER + token)
        if submission is None:
            try:
                number = self._submit(database, token, path)
            except (SetupError, UnicodeError) as error:
                reason = sentence_of(error, self._language) if isinstance(error, SetupError) else ascii(path.name)
                about, lies = f"{SOURCE_FOLDER}{token}", self._place(Destination.FAILED, path.name, token, ".html")
                add_notices(database, notices_of_failure(about, path.name, reason, self._channels, str(lies)))
                self._deliver(token, path, Destination.FAILED, {"html": _page_of(path.name, reason, self._language)})
                return
            if number is None:
                return
            due = {number}
            submission = find_submission(database, number)
        if submission.id in due:
            environment = {**self._environment, "IMPORTER_REPORTS": str(self._settings.reports)}
            after = carry_out(self._settings.store, submission.id, environment, self._is_stopping)
            submission = after or submission
            if after is not None and after.state not in ENDED:
                self._say("watch-waits", token, name=path.name, state=say(self._language, f"state.{after.state}"))
        if submission.state in ENDED:
            self._deliver(token, path, destination_of(submission), self._report_of(submission))

    def _submit(self, database: Database, token: str, path: Path) -> int | None:
        """Puts a workbook that was taken into the store; gives its number, None while something is not there yet.
        Raises SetupError for one that cannot be run, UnicodeError for one whose name is no text."""
        path.name.encode()
        if path.is_symlink() or not path.is_file():
            raise SetupError("folder-no-file", file=path.name)
        seconds = self._still.seconds(path)
        if seconds < self._stable:
            return None
        if not is_whole(path):
            raise SetupError("folder-damaged", file=path.name)
        try:
            with _counted(path):
                collected = collect(path, self._settings, self._options)
        except SetupError as error:
            if error.key == "file-changed":
                return None
            raise
        if collected.missing and seconds < PATIENCE * self._stable:
            self._say("watch-attachments", token, name=path.name, files=", ".join(collected.missing))
            return None
        still = [self._still.seconds(one) for one in collected.paths]  # a list: each of them is looked at
        if min(still, default=self._stable) < self._stable:
            return None
        new = Submission(
            *(path.name, str(self.folder / path.name), collected.files, collected.options),
            *(self._settings.profile or "", place_of(self._settings.url or ""), self._settings.userid or ""),
            *(self._settings.company_id, SOURCE_FOLDER + token, UNKNOWN_PERSON),
        )
        return add_submission(database, new, collected.contents)

    def _report_of(self, ended: Submission) -> dict[str, Path | str]:
        """What is put beside a workbook, by the end of its name: its page and its corrections; what a page links to
        keeps its name, the key then. A page that is gone is written again from the store, and one that says only how it
        ended where that has none either."""
        reports, run = self._settings.reports, ended.run
        page = page_of(run, reports) if run else None
        try:
            if page is not None and not page.is_file():
                result = replace(past_result(self._settings, run), report=str(page))
                write_page(result, reports, self._language)
                write_data_files(result, reports, self._language)
        except ImporterError:
            page = None
        if page is None:
            facts = {"state": say(self._language, f"state.{ended.state}"), "stop": ended.stop or "–"}
            reason = say(self._language, "said.watch-without-report", number=str(ended.id), **facts)
            return {"html": _page_of(ended.name, reason, self._language)}
        linked = [reports / f"{run}.problems.csv", reports / f"{run}.journals.csv"]
        linked += [one for one in reports.iterdir() if one.name.endswith(f".{run}.corrections.xlsx")]
        return {"html": page, **{one.name: one for one in linked if one.is_file()}}

    def _deliver(self, token: str, path: Path, destination: Destination, files: Mapping[str, Path | str]) -> None:
        """Moves a workbook and what belongs beside it to its destination; the workbook last, so that a watcher that is
        killed before does it all again. Raises OSError."""
        target = self.folder / destination
        target.mkdir(exist_ok=True)
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(target))
        for name, content in files.items():
            draft = path.with_name(".report.part")
            if isinstance(content, Path):
                shutil.copyfile(content, draft)
            else:
                draft.write_text(content, encoding="utf-8")
            if not path.is_symlink():
                shutil.copymode(path, draft)  # whoever may read the workbook may read its report
            draft.replace(self._place(destination, path.name, token, ".html") if name == "html" else target / name)
        path.with_name(_TRIES).unlink(missing_ok=True)
        path.rename(self._place(destination, path.name, token, path.suffix))
        path.parent.rmdir()
        self._tell("watch-ended", {"name": path.name, "folder": destination, "token": token})
        self._said = {one for one in self._said if one[1] != token}

    def _place(self, destination: Destination, name: str, token: str, suffix: str) -> Path:
        return self.folder / destination / name_with(name, token, suffix)

    @property
    def _language(self) -> Language:
        return self._settings.language

    def _say(self, key: str, about: str, **facts: str) -> None:
        """Tells something once."""
        if (key, about) not in self._said:
            self._said.add((key, about))
            self._tell(key, {"name": about, **facts})


@contextmanager
def _counted(path: Path) -> Iterator[None]:
    """Counts, beside a workbook that was taken, how often reading it has ended neither well nor with an error that is
    known: it has killed the watcher, and would at each start. Raises SetupError when that was often enough."""
    tries = path.with_name(_TRIES)
    if tries.is_file() and tries.stat().st_size >= MOST_TRIES:
        raise SetupError("folder-poison", file=path.name)
    with tries.open("ab") as file:
        file.write(b".")
    try:
        yield
    except SetupError:
        tries.unlink()
        raise
    tries.unlink()


def _page_of(name: str, reason: str, language: Language) -> str:
    """The report of a workbook without a run."""
    title, text = (html.escape(printable(one)) for one in (name, reason))
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f'<!doctype html><html lang="{language.value}"><head>{head}</head><h1>{title}</h1><p>{text}</p></html>\n'
