"""A store on disk and a session with a sandbox."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from importer.model.journals import Journal
from importer.model.postings import Known, PostingOptions
from importer.model.secrets import Secret
from importer.post.context import Clock, PostingContext, WorkerPool
from importer.post.plan import entries_of, plan
from importer.post.posting_state import Posting
from importer.sandbox import Sandbox
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from importer.store.database import Database
from importer.store.leases import Lease, this_process
from importer.store.postings import JournalStore
from importer.store.runs import start_run
from importer.translations import Language, sentence_of

COMPANY = "practice/5"
ZONE = ZoneInfo("America/Mexico_City")
HASTY = PostingOptions(verify=False, wait=False)
"""Sends, and looks once for what was lost."""


class QuickClock(Clock):
    """The machine's clock, but nobody waits for it: a pause puts it forward. `paused` are the seconds that somebody
    wanted to wait."""

    def __init__(self) -> None:
        super().__init__("boot")
        self.paused: list[float] = []

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=sum(self.paused))

    def steady(self) -> float:
        return super().steady() + sum(self.paused)

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'posted.db'}")
    yield database
    database.close()


def store_of(database: Database, run: str) -> JournalStore:
    """The store for a run that holds the company, whoever held it before."""
    start_run(database, run, COMPANY, "", "tester", datetime.now(UTC))
    with database.transaction() as connection:
        connection.execute("DELETE FROM leases")
    assert Lease(database, COMPANY, run, this_process("tester")).take() is None
    return JournalStore(database, COMPANY, run)


def planned(journals: Sequence[Journal], store: JournalStore) -> list[Posting]:
    entries = entries_of(enumerate(journals), COMPANY)
    return plan(entries, store.remember(entries))


def kept(posting: Posting, store: JournalStore) -> Known:
    """What the store knows of a case now."""
    (known,) = store.recall([posting.entry])
    return known


def session_with(sandbox: Sandbox) -> Session:
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    return Session(HttpClient(at.spx_url, 60), who, lambda _: None)


def context_with(
    session: Session, store: JournalStore, at_once: int = 4, posting_options: PostingOptions = HASTY
) -> PostingContext:
    return PostingContext(
        session=session,
        store=store,
        at_once=at_once,
        clock=QuickClock(),
        workers=WorkerPool,
        zone=ZONE,
        keep_lease=lambda: None,
        sentence=lambda error: sentence_of(error, Language.EN),
        tell=lambda: None,
        tell_wait=lambda _seconds, _journals: None,
        tell_unseen=lambda _number, _seconds: None,
        tell_lag=lambda _seconds: None,
        interrupts=lambda: 0,
        posting_options=posting_options,
        patience=0.05,
    )
