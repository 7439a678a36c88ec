"""The login goes on while the workbooks are read."""

from datetime import datetime
from threading import Barrier, Event

import pytest

from importer.errors import SetupError
from importer.run.company import connecting
from importer.sandbox import running
from importer.services.session import RequestLog
from importer.settings import read_settings


class _Log(RequestLog):
    """Tells when the last of what no row is needed for was answered; holds up the company until there are types, and
    types until there is the company."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = Event()
        self._both = Barrier(2, timeout=30)

    def add(self, operation: str, outcome: str, began_at: datetime) -> None:
        super().add(operation, outcome, began_at)
        if operation in ("get_company", "list_journal_types"):
            self._both.wait()  # broken when one of them is asked for after the other
        if {one.operation for one in self.all()} >= {"list_journal_types", "get_ledger_definition"}:
            self.is_full.set()


def test_login_company_and_lists_are_there_before_anybody_waits_for_them() -> None:
    log = _Log()
    with running() as sandbox:
        at = sandbox.address
        environment = {"SPX_URL": at.spx_url, "SPX_USERID": at.userid, "SPX_PASSWORD": at.password}
        environment |= {"SPX_EMAIL": at.email, "SPX_API_KEY": at.api_key}
        settings = read_settings({}, environment, lambda _: None)
        with connecting(settings, log, any_company=True) as connection:
            assert log.is_full.wait(30)
            session, company, lists = connection()
            types = lists.types()
    assert session.practice and company.tax_id and types
    with pytest.raises(RuntimeError, match="shutdown"):  # no thread is left where a run ends before the lists
        lists.pool.submit(int)


def test_settings_that_cannot_be_used_are_told_when_the_connection_is_wanted() -> None:
    settings = read_settings({}, {}, lambda _: None)
    with (
        connecting(settings, RequestLog(), any_company=False) as connection,
        pytest.raises(SetupError, match="no-address"),
    ):
        connection()
