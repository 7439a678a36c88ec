"""Every difference between the dialects, as it travels."""

from importer.services.dialects import DIALECTS, DOCUMENT, LIVE
from importer.services.operations import OPERATIONS
from importer.services.sunplusxtra.accounts import list_accounts
from importer.services.sunplusxtra.ledger import get_journal_range
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service, reply

NOTHING = reply(200, b'{"message": "Correct query", "response": []}')


def test_the_document_is_spoken_unless_another_dialect_is_asked_for() -> None:
    assert {name: DOCUMENT.method_of(name) for name in OPERATIONS} == {
        name: row.method for name, row in OPERATIONS.items()
    }
    assert (DOCUMENT.login_user, DOCUMENT.login_has_key, DOCUMENT.lists_accounts_unasked) == ("userid", True, False)


def test_the_live_dialect_differs_where_the_public_client_does() -> None:
    differing = {name for name, row in OPERATIONS.items() if LIVE.method_of(name) != row.method}
    assert differing == {"get_journal_range"} and LIVE.method_of("get_journal_range") == "GET"
    assert (LIVE.login_user, LIVE.login_has_key, LIVE.lists_accounts_unasked) == ("idusuario", False, True)
    assert set(DIALECTS) == {"document", "live"}


def test_the_live_login_names_the_user_otherwise_and_sends_no_key() -> None:
    with odd_service() as service:
        session_at(service.url, dialect=LIVE).log_in()
    (login,) = service.requests
    assert login.endswith('{"idusuario":"treasurer","password":"pässword","email":"treasurer@example.org"}'.encode())
    assert b"api-key" not in login.lower()


def test_the_live_range_is_a_get_without_a_body() -> None:
    for dialect, start in ((DOCUMENT, b"POST /journal/range/1/2 HTTP"), (LIVE, b"GET /journal/range/1/2 HTTP")):
        with odd_service(NOTHING) as service:
            assert get_journal_range(session_at(service.url, dialect=dialect), 1, 2) == []
        asked = service.requests[-1]
        assert asked.startswith(start) and asked.endswith(b"\r\n\r\n")
        assert (b"content-length: 0" in asked.lower()) == (dialect is DOCUMENT)


def test_all_accounts_are_asked_for_as_each_dialect_wants_it() -> None:
    for dialect, path in ((DOCUMENT, b"GET /account-list?part=&code=1 HTTP"), (LIVE, b"GET /account-list HTTP")):
        with odd_service(NOTHING, NOTHING) as service:
            session = session_at(service.url, dialect=dialect)
            assert list_accounts(session) == list_accounts(session, "101") == []
        assert service.requests[1].startswith(path)
        assert service.requests[2].startswith(b"GET /account-list?part=101&code=1 HTTP")


def test_the_base_path_belongs_to_the_address() -> None:
    with odd_service(NOTHING, grants_logins=False) as service:
        service.answers.insert(0, reply(200, b'{"access_token": "token"}'))
        list_accounts(session_at(f"{service.url}/api/spxtra/", dialect=LIVE))
    assert [request.split(b" ")[1] for request in service.requests] == [
        b"/api/spxtra/login",
        b"/api/spxtra/account-list",
    ]
