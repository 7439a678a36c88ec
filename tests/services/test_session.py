"""Login, tokens and the end of a session."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from importer.errors import AnswerUnclear, CredentialsRefused, NotSent, ServiceFailure, TryAgain
from importer.model.secrets import Secret
from importer.sandbox import Sandbox
from importer.services.http import HttpClient
from importer.services.session import MOST_REQUESTS, Credentials, RequestLog, Session
from importer.services.sunplusxtra.company import get_company
from tests.services.conftest import CREDENTIALS, session_at
from tests.services.odd_service import odd_service, reply

COMPANY = reply(200, b'{"message": "Correct query", "response": {"id": 5, "name": "IAN", "rfc": "IAS930628FA8"}}')
REJECTED = reply(220, b'{"message": "Incorrect authentication", "error": true}')
GONE = reply(221, b'{"message": "SPX user not found", "error": true}')


def test_login_sends_the_key_with_a_capital_b_and_the_token_travels_with_a_small_one() -> None:
    with odd_service(COMPANY) as service:
        assert get_company(session_at(service.url)).id == 5
    login, company = service.requests
    assert login.startswith(b"POST /login HTTP/1.1\r\n")
    assert b"api-key: bearer key-1" in login.lower() and b"API-Key: Bearer key-1" in login
    assert b"authorization" not in login.lower()
    assert login.endswith('{"userid":"treasurer","password":"pässword","email":"treasurer@example.org"}'.encode())
    assert b"Authorization: bearer tok-1\r\n" in company
    assert b"Content-Type: application/json\r\n" in company


def test_an_installation_without_api_key_gets_no_such_header() -> None:
    without = Credentials("treasurer", CREDENTIALS.password, "t@example.org", None)
    with odd_service(COMPANY) as service:
        get_company(session_at(service.url, credentials=without))
    assert b"api-key" not in service.requests[0].lower()


@pytest.mark.parametrize(
    "rejection",
    [REJECTED, reply(401, b""), reply(404, b'{"message": "Unauthenticated."}')],
    ids=["220", "401", "404"],
)
def test_a_rejected_token_leads_to_one_new_login_and_one_repeat(rejection: bytes) -> None:
    with odd_service(rejection, COMPANY) as service:
        assert get_company(session_at(service.url)).name == "IAN"
    assert service.logins == 2
    assert b"bearer tok-2" in service.requests[-1]


def test_many_threads_with_an_expired_token_log_in_once_together(sandbox: Sandbox, session: Session) -> None:
    get_company(session)
    before = sandbox.calls["login"]
    sandbox.service.access.grants.clear()
    start = threading.Barrier(8)

    def ask() -> int:
        start.wait()
        return get_company(session).id

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(ask) for _ in range(8)]} == {5}
    assert sandbox.calls["login"] == before + 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (GONE, CredentialsRefused),
        (REJECTED, CredentialsRefused),
        (
            reply(201, b'{"message": "m", "description": "d", "code": "203", "error": true}'),
            CredentialsRefused,
        ),
        (reply(200, b'{"message": "Access granted", "access_token": ""}'), CredentialsRefused),
        (reply(200, b'{"message": "Access granted"}'), CredentialsRefused),
        (reply(200, b"<html>Welcome</html>"), TryAgain),
        (reply(302, b""), TryAgain),
        (reply(404, b"{}"), TryAgain),
        (reply(429, b""), TryAgain),
        (reply(403, b""), CredentialsRefused),
        (reply(200, '{"access_token": "tókén"}'.encode()), CredentialsRefused),
        (reply(503, b"<html>down</html>"), TryAgain),
        (None, TryAgain),
    ],
)
def test_anything_but_200_with_a_token_is_a_failed_login_and_is_never_tried_again(
    answer: bytes | None, error: type[Exception]
) -> None:
    with odd_service(answer, grants_logins=False) as service:
        session = session_at(service.url)
        with pytest.raises(error):
            session.log_in()
        with pytest.raises(error):
            get_company(session)
    assert len(service.requests) == 1


def test_a_read_is_tried_three_times_while_no_clear_answer_comes() -> None:
    with odd_service(None, reply(502, b"<html>"), COMPANY) as service:
        assert get_company(session_at(service.url)).id == 5
    with odd_service(None, None, None, COMPANY) as service, pytest.raises(AnswerUnclear):
        get_company(session_at(service.url))


def test_a_service_that_is_not_there_is_known_not_to_have_got_anything() -> None:
    with odd_service() as service:
        pass
    with pytest.raises(TryAgain, match="unreachable"):
        session_at(service.url).log_in()


def test_secrets_show_in_no_repr() -> None:
    shown = repr(CREDENTIALS) + str(CREDENTIALS) + f"{CREDENTIALS.password}" + repr([CREDENTIALS.api_key])
    assert "pässword" not in shown and "key-1" not in shown


def test_a_service_that_quotes_the_secrets_is_not_quoted_with_them() -> None:
    refusal = '{"message": "m", "description": "you sent pässword and key-1234", "code": "201", "error": true}'
    who = replace(CREDENTIALS, api_key=Secret("key-1234"))
    with odd_service(reply(201, refusal.encode())) as service, pytest.raises(ServiceFailure) as caught:
        get_company(session_at(service.url, credentials=who))
    assert caught.value.answer == "you sent *** and ***"


def test_a_password_that_looks_like_a_number_spoils_no_success() -> None:
    who = replace(CREDENTIALS, password=Secret("IAS930628FA8"))
    with odd_service(COMPANY) as service:
        assert get_company(session_at(service.url, credentials=who)).tax_id == "IAS930628FA8"


def test_the_services_time_is_its_newest_date_and_what_has_passed_since() -> None:
    steady = [100.0]
    body = b'{"message": "Correct query", "response": {"id": 5, "name": "IAN", "rfc": "IAS930628FA8"}}'
    dated = reply(200, body, "application/json", "Date: Mon, 02 Jul 2018 15:00:00 GMT")
    wrong = [reply(200, body, "application/json", f"Date: {text}") for text in ("yesterday", "Mon, 02 Jul 99999 1 GMT")]
    with odd_service(dated, COMPANY, *wrong) as service:
        session = Session(HttpClient(service.url, 60), CREDENTIALS, lambda _: None, steady=lambda: steady[0])
        session.log_in()
        times = [session.service_time]
        for _ in range(4):
            get_company(session)
            times.append(session.service_time)
            steady[0] += 7.0
    assert times == [None, 1530543600.0, 1530543607.0, 1530543614.0, 1530543621.0]


def test_every_exchange_is_written_down_with_its_outcome() -> None:
    failure = reply(201, b'{"message": "Incorrect query", "description": "Error", "code": 203, "error": true}')
    with odd_service(None, failure) as service:
        session = session_at(service.url)
        with pytest.raises(ServiceFailure):
            get_company(session)
    with pytest.raises(NotSent):
        get_company(session)
    made = session.requests.all()
    assert [(one.operation, one.outcome, one.count) for one in made[:3]] == [
        *(("login", "200", 1), ("get_company", "no-answer", 1), ("get_company", "201", 1))
    ]
    assert {(one.operation, one.outcome) for one in made[3:]} == {("get_company", "not-sent")}
    assert all(one.began_at <= one.ended_at for one in made)


def test_many_requests_take_little_room_and_none_is_lost() -> None:
    log, moment = RequestLog(), datetime.now(UTC)
    outcomes = ["200", "no-answer"] * 2_000 + ["not-sent"]
    for outcome in outcomes:
        log.add("post_journal", outcome, moment)
    made = log.all()
    assert len(made) == MOST_REQUESTS + 1
    for outcome in set(outcomes):
        assert sum(one.count for one in made if one.outcome == outcome) == outcomes.count(outcome)
