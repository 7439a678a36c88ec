"""The login goes on while the workbooks are read."""

from datetime import datetime
from threading import Event

import pytest

from importer.errors import SetupError
from importer.run.company import connecting
from importer.sandbox import running
from importer.services.session import RequestLog
from importer.settings import read_settings


class _Log(RequestLog):
    """Tells when the company was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.has_company = Event()

    def add(self, operation: str, outcome: str, began_at: datetime) -> None:
        super().add(operation, outcome, began_at)
        if operation == "get_company":
            self.has_company.set()


def test_login_and_company_are_there_before_anybody_waits_for_them() -> None:
    log = _Log()
    with running() as sandbox:
        at = sandbox.address
        environment = {"SPX_URL": at.spx_url, "SPX_USERID": at.userid, "SPX_PASSWORD": at.password}
        environment |= {"SPX_EMAIL": at.email, "SPX_API_KEY": at.api_key}
        settings = read_settings({}, environment, lambda _: None)
        with connecting(settings, log, any_company=True) as connection:
            assert log.has_company.wait(30)
            session, company = connection()
    assert session.practice and company.tax_id


def test_settings_that_cannot_be_used_are_told_when_the_connection_is_wanted() -> None:
    settings = read_settings({}, {}, lambda _: None)
    with (
        connecting(settings, RequestLog(), any_company=False) as connection,
        pytest.raises(SetupError, match="no-address"),
    ):
        connection()
