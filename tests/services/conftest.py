"""Sessions with the sandbox and with the odd service."""

from collections.abc import Iterator

import pytest

from importer.model.secrets import Secret
from importer.sandbox import Sandbox, running
from importer.services.session import Credentials, Session
from importer.services.transport import HttpExchange

CREDENTIALS = Credentials("treasurer", Secret("pässword"), "treasurer@example.org", Secret("key-1"))


def session_at(url: str, seconds: float = 5.0, credentials: Credentials = CREDENTIALS) -> Session:
    """A session that does not wait between tries."""
    return Session(HttpExchange(url, seconds), credentials, lambda _: None)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox: Sandbox) -> Session:
    at = sandbox.address
    return session_at(at.spx_url, credentials=Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key)))
