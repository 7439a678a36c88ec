"""What is under way when a run stops, and what another run has taken over meanwhile."""

import socket
import threading
from collections.abc import Iterable
from dataclasses import replace

from importer.errors import SetupError
from importer.model.postings import Clocks, JournalOutcome, RejectedUpdates, State
from importer.model.secrets import Secret
from importer.post.ledger_checks import adopt_abandoned
from importer.post.poster import post_journals
from importer.store.database import Database
from importer.store.postings import JournalStore
from tests.faulty_service import faulty_service
from tests.post.conftest import COMPANY, context_with, planned, store_of
from tests.post.journals import journal, journals
from tests.post.test_posting import POSTED
from tests.services.conftest import CREDENTIALS, session_at
from tests.services.odd_service import OddService, odd_service

PATIENT = 10.0


class FullStore(JournalStore):
    """Only the first outcome can be written down."""

    has_room = True
    has_failed = False

    def record(self, endings: Iterable[JournalOutcome], clocks: Clocks | None = None) -> RejectedUpdates:
        if self.has_room:
            self.has_room = False
            return super().record(endings, clocks)
        self.has_failed = True
        raise SetupError("store", store="x", detail="full")


class Held:
    """From the `first` request on a service answers when it may, or `PATIENT` seconds later."""

    def __init__(self, service: OddService, first: int) -> None:
        self.arrived, self.may_answer = threading.Event(), threading.Event()
        self._first = first
        self._count = 0
        self._lock = threading.Lock()
        self._serve = service.serve
        service.serve = self.serve  # type: ignore[method-assign]  # it waits before it answers

    def serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._count += 1
            is_held = self._count >= self._first
        if is_held:
            self.arrived.set()
            self.may_answer.wait(PATIENT)
        self._serve(connection)


def test_the_company_is_held_as_long_as_something_is_under_way(database: Database) -> None:
    store_of(database, "run-1")
    store = FullStore(database, COMPANY, "run-1")
    renewed: list[bool] = []
    may_answer = threading.Event()
    arrived: list[str] = []

    def hold_the_third(operation: str, step: str) -> None:
        if (operation, step) == ("post_journal", "arrived"):
            arrived.append(step)
            if len(arrived) == 3:
                may_answer.wait(PATIENT)

    def keep_lease() -> None:
        renewed.append(store.has_failed)
        if sum(renewed) > 2:
            may_answer.set()

    with faulty_service(others=False, tap=hold_the_third) as service:
        session = session_at(service.url, credentials=replace(CREDENTIALS, api_key=Secret("key")))
        context = replace(context_with(session, store, at_once=2), keep_lease=keep_lease)
        assert post_journals(planned(journals(3), store), context) is not None
    assert may_answer.is_set()


def test_a_company_that_is_lost_is_asked_for_once(database: Database) -> None:
    store = store_of(database, "run-1")
    asked: list[bool] = []
    turns: list[int] = []
    with odd_service(POSTED) as service:
        session = session_at(service.url)
        session.log_in()
        held = Held(service, first=1)

        def keep_lease() -> None:
            if held.arrived.is_set():
                asked.append(True)
                raise SetupError("lease-lost", store="x")

        def interrupts() -> int:
            turns.append(len(asked))
            if turns.count(1) > 5 or len(asked) > 1:
                held.may_answer.set()
            return 0

        context = replace(context_with(session, store, at_once=1), keep_lease=keep_lease, interrupts=interrupts)
        stopped_by = post_journals(planned(journals(2), store), context)
    assert stopped_by is not None and stopped_by.key == "lease-lost"
    assert len(asked) == 1


def test_what_another_run_has_taken_over_is_unknown_whatever_its_answer_says(database: Database) -> None:
    store = store_of(database, "run-1")
    (posting,) = planned([journal()], store)
    with odd_service(POSTED) as service:
        session = session_at(service.url)
        session.log_in()
        original = service.serve
        came: list[bool] = []

        def serve(connection: socket.socket) -> None:
            if not came:
                came.append(True)
                other = Database(database.name)
                theirs = store_of(other, "run-2")
                adopt_abandoned(planned([journal()], theirs), context_with(session, theirs))
                other.close()
            original(connection)

        service.serve = serve  # type: ignore[method-assign]  # another run comes when a request arrives
        post_journals([posting], context_with(session, store))
    assert posting.state is State.UNKNOWN and posting.journal_number is None
    assert posting.reason is not None and posting.reason.key == "taken"
