"""What is sent again: reads while nothing clear comes, writes only where the contract calls it harmless."""

import json
from pathlib import Path

import pytest

from importer.errors import AnswerUnclear, CredentialsRefused, Effect, ImporterError, NotSent, ServiceFailure
from importer.model.secrets import Secret
from importer.services.operations import LIVE, NO_CONNECTION, OPERATIONS
from importer.services.responses import Envelope
from importer.services.session import REQUEST_PAUSES, repeated_read, repeated_write
from importer.services.sovos import SovosAccount
from importer.services.sunplusxtra.journals import COUNTED, LinkedDocument, PrintFormat, delete_document, print_journal
from importer.translations import Language
from tests.services.calls import CALLS, Services
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service, reply

DONE = reply(200, b'{"message": "Correct query"}')
HARMLESS = sorted(name for name, row in OPERATIONS.items() if row.repeats_harmlessly and name != "activate_employee")
NEVER = sorted(name for name, row in OPERATIONS.items() if row.is_write and not row.repeats_harmlessly)


def refusal(code: str) -> bytes:
    body = {"message": "Incorrect query", "description": "told", "code": code, "error": True}
    return reply(201, json.dumps(body).encode())


def by(url: str, folder: Path) -> Services:
    (folder / "file.pdf").write_bytes(b"%PDF-1.4")
    return Services(session_at(url), SovosAccount(url, Secret("key"), 60, lambda _: None), folder)


class Script:
    """Raises or gives one after the other, and notes the pauses between."""

    def __init__(self, *steps: ImporterError | Envelope) -> None:
        self.steps = list(steps)
        self.pauses: list[float] = []

    def __call__(self) -> Envelope:
        step = self.steps.pop(0)
        if isinstance(step, ImporterError):
            raise step
        return step


CUT, UNSENT, SLOW = AnswerUnclear("cut"), NotSent("not-sent"), AnswerUnclear("timed-out")
UNTRUSTED = NotSent("untrusted")
GONE = CredentialsRefused("user-gone")
UPDATE, CREATE = OPERATIONS["update_address"], OPERATIONS["create_address"]
SUCCESS = Envelope()


def failure(code: str, meaning: str, effect: Effect) -> ServiceFailure:
    return ServiceFailure(code, "", meaning=meaning, effect=effect)


UNCONNECTED = failure("202", NO_CONNECTION, Effect.UNKNOWN)
REFUSED = failure("206", "bad-information", Effect.NOT_APPLIED)


@pytest.mark.parametrize("error", [CUT, UNSENT, SLOW, UNCONNECTED], ids=repr)
def test_a_read_is_asked_three_times_with_growing_pauses(error: ImporterError) -> None:
    script = Script(error, error, SUCCESS)
    assert repeated_read(script, script.pauses.append) is SUCCESS
    assert tuple(script.pauses) == REQUEST_PAUSES == tuple(sorted(REQUEST_PAUSES))
    with pytest.raises(type(error)):
        repeated_read(Script(error, error, error, SUCCESS), lambda _: None)


@pytest.mark.parametrize("error", [UNTRUSTED, REFUSED, GONE], ids=repr)
def test_what_no_repeat_can_mend_is_asked_once(error: ImporterError) -> None:
    for ask in (Script(error, SUCCESS), Script(error, SUCCESS)):
        with pytest.raises(type(error)):
            repeated_read(ask, lambda _: None)
    with pytest.raises(type(error)):
        repeated_write(Script(error, SUCCESS), lambda _: None, UPDATE)


def test_a_write_that_did_not_leave_is_sent_again_whatever_it_is() -> None:
    for operation in (UPDATE, CREATE):
        assert repeated_write(Script(UNSENT, UNSENT, SUCCESS), lambda _: None, operation) is SUCCESS
        with pytest.raises(NotSent) as caught:
            repeated_write(Script(UNSENT, UNSENT, UNSENT), lambda _: None, operation)
        assert caught.value.effect is Effect.NOTHING_SENT


@pytest.mark.parametrize("error", [CUT, UNCONNECTED], ids=repr)
def test_an_unknown_write_is_sent_again_only_where_that_is_harmless(error: ImporterError) -> None:
    assert repeated_write(Script(error, error, SUCCESS), lambda _: None, UPDATE) is SUCCESS
    with pytest.raises(type(error)) as caught:
        repeated_write(Script(error, SUCCESS), lambda _: None, CREATE)
    assert caught.value.effect is Effect.UNKNOWN


def test_after_a_time_out_a_write_is_not_sent_again() -> None:
    with pytest.raises(AnswerUnclear, match="timed-out"):
        repeated_write(Script(SLOW, SUCCESS), lambda _: None, UPDATE)


@pytest.mark.parametrize("later", [REFUSED, UNSENT, GONE], ids=repr)
def test_what_a_later_try_tells_does_not_settle_an_earlier_one(later: ImporterError) -> None:
    with pytest.raises(AnswerUnclear, match="cut") as caught:
        repeated_write(Script(CUT, later, later), lambda _: None, UPDATE)
    assert caught.value.effect is Effect.UNKNOWN


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_write_survives_a_cut_connection(name: str, tmp_path: Path) -> None:
    with odd_service(None, DONE) as service:
        CALLS[name](by(service.url, tmp_path))
    first, again = service.requests[1:]
    assert first == again


@pytest.mark.parametrize("name", NEVER)
def test_any_other_write_is_sent_once_and_its_outcome_is_unknown(name: str, tmp_path: Path) -> None:
    with odd_service(None, DONE) as service, pytest.raises(AnswerUnclear) as caught:
        CALLS[name](by(service.url, tmp_path))
    assert caught.value.effect is Effect.UNKNOWN and len(service.requests) == 2


def test_a_file_that_is_gone_at_the_second_try_was_deleted_by_the_first() -> None:
    document = LinkedDocument(1258, None, "1746577799187", "png")
    with odd_service(None, refusal("206")) as service:
        delete_document(session_at(service.url), document)
    assert b"lineNumber" not in service.requests[-1]
    with odd_service(refusal("206")) as service, pytest.raises(ServiceFailure) as caught:
        delete_document(session_at(service.url), document)
    assert caught.value.effect is Effect.NOT_APPLIED
    with odd_service(None, refusal("204")) as service, pytest.raises(AnswerUnclear):
        delete_document(session_at(service.url), document)


@pytest.mark.parametrize("print_format", PrintFormat)
def test_what_may_be_counted_is_not_printed_twice(print_format: PrintFormat) -> None:
    pdf = reply(200, b'{"message": "m", "response": "JVBERi0xLjQ="}')
    is_counted = print_format in COUNTED
    with odd_service(None, pdf) as service:
        session = session_at(service.url, dialect=LIVE)
        if is_counted:
            with pytest.raises(AnswerUnclear):
                print_journal(session, 1, print_format, Language.ES)
        else:
            assert print_journal(session, 1, print_format, Language.ES) == b"%PDF-1.4"
    assert len(service.requests) == (2 if is_counted else 3)
