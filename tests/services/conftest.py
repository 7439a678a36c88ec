"""Sessions with the sandbox, in both dialects, and with the odd service."""

from collections.abc import Iterator

import pytest

from importer.model.secrets import Secret
from importer.sandbox import Sandbox, running
from importer.services.http import HttpClient
from importer.services.operations import DIALECTS, DOCUMENT, Dialect
from importer.services.session import Credentials, Session

CREDENTIALS = Credentials("treasurer", Secret("pässword"), "treasurer@example.org", Secret("key-1"))


def session_at(
    url: str, seconds: float = 60.0, credentials: Credentials = CREDENTIALS, dialect: Dialect = DOCUMENT
) -> Session:
    """A session that does not wait between tries."""
    return Session(HttpClient(url, seconds), credentials, lambda _: None, dialect)


def session_in(sandbox: Sandbox, dialect: Dialect = DOCUMENT) -> Session:
    """A session with a sandbox that speaks that dialect."""
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    return session_at(at.spx_url, 60, who, dialect)


@pytest.fixture
def session(sandbox: Sandbox) -> Session:
    return session_in(sandbox)


@pytest.fixture(scope="module", params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return DIALECTS[request.param]


@pytest.fixture(scope="module")
def speaking(dialect: Dialect) -> Iterator[Sandbox]:
    """A sandbox that speaks `dialect`."""
    with running(dialect=dialect.name) as sandbox:
        yield sandbox
