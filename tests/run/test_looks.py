"""How often a run looks at the ledger before it sends."""

from collections.abc import Callable, Collection
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from importer.model.postings import PostingOptions
from importer.model.results import Result, Status
from importer.post.plan import entries_of
from importer.run.journals import Environment, RunContext, begin, company_held, post_planned
from importer.sandbox import running
from importer.settings import read_settings
from importer.store.database import Database
from tests.post.conftest import QuickClock, session_with
from tests.post.journals import journals
from tests.schedules.persons import COMPANY, planned


class SlowClock(QuickClock):
    """The clock of a machine that takes long between any two looks at it."""

    def now(self) -> datetime:
        self.paused.append(5.0)
        return super().now()


class Nobody:
    """Everything is wanted, and nobody is asked."""

    def confirms(self, result: Result, again: Collection[int]) -> Collection[int] | None:
        return ()

    def posting(self, total: int) -> Any:
        return nullcontext(lambda: None)

    def interrupts(self) -> int:
        return 0

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def test_what_was_posted_before_is_looked_for_once_however_long_the_rest_takes(tmp_path: Path) -> None:
    database, clock = Database(f"sqlite:///{tmp_path / 's.db'}"), SlowClock()
    settings = read_settings({}, {}, lambda _: None)
    with running() as sandbox:
        session = session_with(sandbox)
        session.log_in()
        for run, status, ranges in (("first", Status.POSTED, None), ("again", Status.ALREADY_POSTED, 1)):
            observer: Any = Nobody()
            options = PostingOptions(settle=1)
            context = RunContext(
                run, session, COMPANY, database, settings, options, observer, machine=Environment(clock)
            )
            begin(context)
            before = sandbox.calls["get_journal_range"]
            wanted = entries_of(enumerate(journals(3)), context.key)
            with company_held(context) as keep_lease:
                posted = post_planned(planned(context, journals(3)), wanted, context, keep_lease)
            assert [one.status for one in posted.result.documents] == [status] * 3
            assert ranges in (None, sandbox.calls["get_journal_range"] - before)
    database.close()
