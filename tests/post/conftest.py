"""A store on disk and a session with a sandbox."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.model.secrets import Secret
from importer.post.send import Means
from importer.sandbox import Sandbox, running
from importer.services.session import Credentials, Session
from importer.services.transport import HttpExchange
from importer.store.database import Database
from importer.store.journals import JournalStore
from importer.store.runs import start_run

COMPANY = "practice/5"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'posted.db'}")
    yield database
    database.close()


def store_of(database: Database, run: str) -> JournalStore:
    start_run(database, run, COMPANY, "", "tester", datetime.now(UTC))
    return JournalStore(database, COMPANY, run)


def session_with(sandbox: Sandbox) -> Session:
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    return Session(HttpExchange(at.spx_url, 10), who, lambda _: None)


def means_with(session: Session, store: JournalStore, at_once: int = 4) -> Means:
    return Means(session, store, at_once, lambda: datetime.now(UTC), lambda _: None, lambda: None, lambda: 0)
