"""A watched folder: what is taken of it, and where it goes."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from importer.errors import SetupError
from importer.sandbox import Sandbox, running
from importer.settings import read_settings
from importer.settings_file import ScheduledFolder, scheduled_folders
from importer.store.database import Database
from importer.store.leases import Holder, this_process
from importer.store.submissions import SubmissionOptions, SubmissionState, submissions_in
from importer.team.files import Destination, destination_of, name_with
from importer.team.folder import MOST_TRIES, Stillness, WatchedFolder, is_to_take, is_whole
from importer.team.folder_lease import FILE, FolderLease
from tests.cli.commands import settings_of
from tests.cli.test_afterwards import with_attachment
from tests.cli.test_resume import workbook
from tests.team.folder_storm import check, storm
from tests.team.test_jobs import ATTEMPT, environment

STABLE = 5.0


class Watching:
    """A watcher in this process, whose time is moved on by the test."""

    def __init__(self, folder: Path, given: dict[str, str]) -> None:
        self.now, self.events = 0.0, list[str]()
        self.settings = read_settings({}, given)
        self.database = Database(self.settings.store)
        self.watched = WatchedFolder(
            *(folder, self.settings, SubmissionOptions(), given, STABLE),
            tell=lambda key, _: self.events.append(key),
            stillness=Stillness(lambda: self.now),
        )

    def look(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.watched.look(self.database)


@contextmanager
def watching(tmp_path: Path, url: str = "http://127.0.0.1:9/", **given: str) -> Iterator[tuple[Path, Watching]]:
    """A drop folder whose service is out of reach unless settings are given."""
    folder = tmp_path / "drop"
    folder.mkdir()
    login = {"SPX_URL": url, "SPX_USERID": "u", "SPX_PASSWORD": "p", "SPX_EMAIL": "t@example.org"}
    store = {"IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"}
    whole = environment(tmp_path, login | store | given)
    with patch.dict(os.environ, whole, clear=True):
        watcher = Watching(folder, whole)
        try:
            yield folder, watcher
        finally:
            watcher.database.close()


def in_sandbox(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return settings_of(sandbox, tmp_path / "s.db")


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "beside", "is_taken"),
    [
        ("june.xlsx", (), True),
        ("JUNE.XLS", (), True),
        ("june.csv", (), True),
        ("june.pdf", (), False),
        ("june.xml", (), False),
        ("june.xlsx.part", (), False),
        ("~$june.xlsx", (), False),
        (".june.xlsx", (), False),
        ("june.xlsx", ("~$june.xlsx",), False),
        ("june.xlsx", ("~$ne.xlsx",), False),
        ("june.xlsx", (".~lock.june.xlsx#",), False),
        ("June.xlsx", ("~$JUNE.xlsx",), False),
        ("june.xlsx", ("~$july.xlsx", ".~lock.july.xlsx#"), True),
    ],
)
def test_what_is_taken_by_its_name(name: str, beside: tuple[str, ...], is_taken: bool) -> None:
    assert is_to_take(name, frozenset(one.casefold() for one in beside)) is is_taken


@pytest.mark.parametrize(
    ("state", "code", "looks", "destination"),
    [
        (SubmissionState.DONE, 0, 0, Destination.DONE),
        (SubmissionState.DONE, 1, 0, Destination.CORRECTIONS),
        (SubmissionState.DONE, 4, 1, Destination.DOUBT),
        (SubmissionState.STOPPED, 3, 0, Destination.FAILED),
        (SubmissionState.STOPPED, 2, 0, Destination.FAILED),
        (SubmissionState.STOPPED, 3, 1, Destination.DOUBT),
        (SubmissionState.REJECTED, 1, 0, Destination.FAILED),
        (SubmissionState.WITHDRAWN, None, 0, Destination.FAILED),
    ],
)
def test_where_it_goes(state: SubmissionState, code: int | None, looks: int, destination: Destination) -> None:
    assert destination_of(replace(ATTEMPT, state=state, exit_code=code, looks=looks)) is destination


def test_a_name_is_cut_to_what_a_file_may_be_called() -> None:
    assert name_with("june.xlsx", "1-a", ".html") == "june.1-a.html"
    assert len(name_with("é" * 200 + ".xlsx", "1-a", ".xlsx").encode()) <= 240


def test_a_copy_that_is_not_complete_is_not_whole(tmp_path: Path) -> None:
    whole = workbook(tmp_path, journals=1).read_bytes()
    for content, expected in (
        *((whole, True), (whole[:-30], False), (whole[:2000], False), (b"", False)),
        *((bytes(len(whole)), False), (b"a;b\n1;2\n", True)),
    ):
        path = tmp_path / "x.xlsx"
        path.write_bytes(content)
        assert is_whole(path) is expected


@pytest.mark.long
def test_a_workbook_that_kills_the_watcher_at_each_start_is_put_aside(tmp_path: Path) -> None:
    with watching(tmp_path) as (folder, watcher):
        workbook(folder, journals=1, name="a.xlsx")
        watcher.look()
        with patch("importer.team.folder.collect", side_effect=MemoryError):
            for _ in range(MOST_TRIES):
                with pytest.raises(MemoryError):
                    watcher.look(STABLE)
            workbook(folder, journals=1, name="b.xlsx")
            watcher.look(STABLE)
        assert submissions_in(watcher.database) == []
        watcher.look(STABLE)
        (moved,) = folder.glob("failed/a.*.xlsx")
        assert "a.xlsx" in moved.with_suffix(".html").read_text(encoding="utf-8")
        assert [one.name for one in submissions_in(watcher.database)] == ["b.xlsx"]


def test_a_file_is_taken_only_when_it_lay_still_and_nobody_has_it_open(tmp_path: Path) -> None:
    with watching(tmp_path) as (folder, watcher):
        book = workbook(folder, journals=1)
        watcher.look()
        watcher.look(STABLE - 1)
        assert tree(folder) == {"june.xlsx"}
        os.utime(book, (1, 1))
        watcher.look(1)
        watcher.look(STABLE - 1)
        lock = folder / "~$june.xlsx"
        lock.touch()
        watcher.look(1)
        assert tree(folder) == {"june.xlsx", "~$june.xlsx"}
        lock.unlink()
        watcher.look()
        (token,) = watcher.watched.in_work()
        assert tree(folder) == {f".working/{token}/june.xlsx"}
        (one,) = submissions_in(watcher.database)
        assert (one.origin, one.source) == (str(folder / "june.xlsx"), f"folder {token}")
        # The service is out of reach: it stays, and is tried again later.
        assert (one.state, one.exit_code) == (SubmissionState.WAITING, 3)


def test_what_cannot_be_run_is_moved_away_with_a_page_that_says_why(tmp_path: Path) -> None:
    with watching(tmp_path) as (folder, watcher):
        book = workbook(folder, journals=1)
        book.write_bytes(book.read_bytes()[:-30])
        watcher.look()
        watcher.look(STABLE)
        assert tree(folder) == {"june.xlsx"}
        if sys.platform != "win32":
            (folder / "link.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
        watcher.look(9 * STABLE)
        names = {path.name.split(".")[0] + path.suffix for path in (folder / "failed").iterdir()}
        expected = {"june.xlsx", "june.html"}
        assert names == expected | ({"link.xlsx", "link.html"} if sys.platform != "win32" else set())
        page = next((folder / "failed").glob("june.*.html")).read_text(encoding="utf-8")
        assert "june.xlsx" in page and "damaged" in page
        assert watcher.watched.in_work() == [] and submissions_in(watcher.database) == []


def test_a_workbook_is_posted_with_its_attachment_once_that_lies_still_too(tmp_path: Path) -> None:
    with running() as sandbox, watching(tmp_path, **in_sandbox(sandbox, tmp_path)) as (folder, watcher):
        book = workbook(folder, journals=1)
        with_attachment(book, 3, "bills/1.pdf")
        watcher.look()
        watcher.look(STABLE)
        assert watcher.events == ["watch-attachments"]
        (folder / "bills").mkdir()
        (folder / "bills" / "1.pdf").write_bytes(b"%PDF-1.4 bill")
        watcher.look(1)
        assert sandbox.calls["post_journal"] == 0
        watcher.look(STABLE)
        (one,) = submissions_in(watcher.database)
        assert (one.state, one.exit_code) == (SubmissionState.DONE, 0)
        assert sandbox.calls["post_journal"] == 1 and sandbox.calls["link_document"] == 1
        token = one.source.removeprefix("folder ")
        beside = {f"done/{one.run}.problems.csv", f"done/{one.run}.journals.csv"}
        done = {f"done/june.{token}.xlsx", f"done/june.{token}.html"}
        assert tree(folder) == {"bills/1.pdf", *beside, *done}
        # A watcher that was killed before the workbook was moved does it again, from the store where it has to.
        work = folder / ".working" / token
        work.mkdir()
        (folder / f"done/june.{token}.xlsx").rename(work / "june.xlsx")
        (folder / f"done/june.{token}.html").unlink()
        shutil.rmtree(tmp_path / "reports")
        watcher.look()
        assert tree(folder) == {"bills/1.pdf", *beside, *done}
        assert sandbox.calls["post_journal"] == 1


@pytest.mark.long
def test_journals_with_hidden_rows_stay_behind_unless_the_settings_accept_them(tmp_path: Path) -> None:
    with running() as sandbox, watching(tmp_path, **in_sandbox(sandbox, tmp_path)) as (folder, watcher):
        book = load_workbook(workbook(folder, journals=2))
        book.active.row_dimensions[2].hidden = True
        book.save(folder / "june.xlsx")
        watcher.look()
        watcher.look(STABLE)
        (one,) = submissions_in(watcher.database)
        assert (one.state, one.exit_code, sandbox.calls["post_journal"]) == (SubmissionState.DONE, 1, 1)
        assert len(list((folder / "corrections").glob("june.*.html"))) == 1
        accepting = replace(watcher.settings, watch_accepts=("hidden-rows",))
        watched = WatchedFolder(folder, accepting, SubmissionOptions(), dict(os.environ), 0.0, lambda *_: None)
        book.save(folder / "june.xlsx")
        watched.look(watcher.database)
        assert sandbox.calls["post_journal"] == 2


def gone(process: int = 2**22 + 5) -> Holder:
    return replace(this_process("ana"), process=process, born=1.0)


def test_a_folder_has_one_watcher_and_what_is_in_work_one_store(tmp_path: Path) -> None:
    working = tmp_path / ".working"
    stores = [f"sqlite:///{tmp_path / name}" for name in ("one.db", "two.db")]
    databases = [Database(store) for store in stores]
    first = FolderLease(working, stores[0], gone())
    first.take(databases[0], [])
    first.release(databases[0], is_empty=False)
    with pytest.raises(SetupError, match="folder-other-store"):
        FolderLease(working, stores[1], this_process("eva")).take(databases[1], ["20261129-1-a"])
    second = FolderLease(working, stores[0], this_process("eva"))
    second.take(databases[0], ["20261129-1-a"])
    with pytest.raises(SetupError, match="folder-watched"):
        FolderLease(working, stores[0], this_process("ana"), silent_seconds=0).take(databases[0], [])
    second.release(databases[0], is_empty=True)
    assert not (working / FILE).exists()
    third = FolderLease(working, stores[1], this_process("eva"))
    third.take(databases[1], [])
    third.release(databases[1], is_empty=True)
    for database in databases:
        database.close()


def test_a_scheduled_folder_is_handed_in_at_its_times_under_one_origin(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    testing = pytest.importorskip("procrastinate.testing", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    from procrastinate import App

    from importer.team.queue import OWN_QUEUE, add_scheduled

    app = App(connector=testing.InMemoryConnector())
    with watching(tmp_path) as (folder, watcher):
        workbook(folder, journals=1)
        line = ScheduledFolder("june", "0 6 * * 1-5", str(folder), check_only=True)
        add_scheduled(app, watcher.settings.store, line, dict(os.environ), lambda _: None)
        for timestamp in (0, 86400):
            asyncio.run(app.tasks[f"{OWN_QUEUE} june"](timestamp=timestamp))
        assert len(submissions_in(watcher.database)) == 1  # it waits, and has not changed
        workbook(folder, journals=2)
        asyncio.run(app.tasks[f"{OWN_QUEUE} june"](timestamp=2 * 86400))
        found = submissions_in(watcher.database)
        assert [(one.origin, one.source, one.options.check_only) for one in found] == [
            ("/june.xlsx", "schedule june", True)
        ] * 2
        with pytest.raises(SetupError, match="bad-setting"):
            add_scheduled(app, "", replace(line, name="july", at="0 25 * * *"), {}, lambda _: None)


@pytest.mark.parametrize("text", ["june = 5", "june = { at = '0 6 * * *' }", "june = { at = 6, folder = 'x' }"])
def test_a_line_of_the_schedule_names_a_time_and_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "importer.toml"
    file.write_text("[watch]\naccept = ['look-alikes']\n[schedule]\njune = { at = '0 6 * * *', folder = '/x' }\n")
    assert scheduled_folders() == [ScheduledFolder("june", "0 6 * * *", "/x")]
    assert read_settings({}, {}).watch_accepts == ("look-alike",)
    file.write_text(f"[schedule]\n{text}\n")
    with pytest.raises(SetupError, match="bad-setting"):
        scheduled_folders()
    file.write_text("[watch]\naccept = ['everything']\n")
    with pytest.raises(SetupError, match="bad-setting"):
        read_settings({}, {})


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_storm_over_the_folder(tmp_path: Path) -> None:
    left = storm(tmp_path, files=4, kills=4, seed=3)
    assert left.kills == 4
    check(left, 4)
