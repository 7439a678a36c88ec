"""The client against every documented answer of both contracts: the right typed answer or the right error, and
requests that the contract takes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.errors import AnswerUnclear, CredentialsRefused, Effect, ImporterError, ServiceFailure, SetupError
from importer.model.secrets import Secret
from importer.services.sovos import SovosAccount
from importer.translations import Language, say, sentence_of
from tests.contract.schemas import operation_ids
from tests.services.calls import CALLS, Services
from tests.services.conftest import session_at
from tests.services.contract_mock import Case, ContractMock, contract_mock, every_case, words_of
from tests.services.expected import ANSWERS, NOTHING
from tests.services.request_judge import KEY, node_of

CASES = every_case()
NO_CONNECTION = "The connection to SunPlus failed."


@pytest.fixture(scope="module")
def mock() -> Iterator[ContractMock]:
    with contract_mock() as mock:
        yield mock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "file.pdf").write_bytes(b"%PDF-1.4 content")
    return folder


@pytest.fixture
def by(mock: ContractMock, folder: Path) -> Services:
    return Services(session_at(mock.url), SovosAccount(mock.url, Secret(KEY), 60, lambda _: None), folder)


def of_status(*statuses: int) -> list[Case]:
    return [case for case in CASES if case.status in statuses]


def test_every_operation_is_called_and_every_success_is_looked_at() -> None:
    assert {case.operation for case in CASES} == set(CALLS) and len(CALLS) == 38
    assert {(case.operation, case.example) for case in of_status(200)} == set(ANSWERS)
    assert len(CASES) > 260


@pytest.mark.parametrize("case", of_status(200), ids=str)
def test_a_success_is_a_typed_answer(case: Case, mock: ContractMock, by: Services) -> None:
    mock.answer_with(case)
    look, expected = ANSWERS[case.operation, case.example]
    assert look(CALLS[case.operation](by)) == expected
    assert mock.faults == []
    assert len(mock.seen) == (0 if case.operation == "login" else 1)


@pytest.mark.parametrize("case", of_status(201), ids=str)
def test_a_failure_means_what_the_operations_own_table_says(case: Case, mock: ContractMock, by: Services) -> None:
    body = json.loads(case.body or b"")
    code, words = str(body["code"]), words_of(case.operation)
    mock.answer_with(case)
    if (case.operation, code) in NOTHING:
        assert CALLS[case.operation](by) == NOTHING[case.operation, code]
        return
    with pytest.raises(ServiceFailure) as caught:
        CALLS[case.operation](by)
    failure = caught.value
    assert (failure.operation, failure.code, failure.answer) == (case.operation, code, body["description"])
    meaning = say(Language.EN, f"meaning.{failure.meaning}")
    assert f"{meaning[0].upper()}{meaning[1:]}." == words[code]
    assert meaning in sentence_of(failure, Language.EN)
    assert failure.effect is effect_of(case.operation, code, has_lines="linesError" in body)
    assert mock.faults == []
    repeats = words[code] == NO_CONNECTION and repeats_are_safe(case.operation, failure.effect)
    assert len(mock.seen) == (3 if repeats else 1)


def effect_of(name: str, code: str, *, has_lines: bool) -> Effect:
    """By the contract's `x-outcome`."""
    node = node_of(name)
    if node["x-effect"] == "read":
        return Effect.NOT_APPLIED
    outcome = node["x-outcome"].get(code, "unknown")
    if outcome == "not_applied_if_linesError":
        outcome = "not_applied" if has_lines else "unknown"
    return Effect(outcome)


def repeats_are_safe(name: str, effect: Effect) -> bool:
    """By the contract's `x-effect` and `x-repeat`."""
    node = node_of(name)
    return node["x-effect"] == "read" or (node["x-repeat"] == "harmless" and effect is Effect.UNKNOWN)


@pytest.mark.parametrize("case", of_status(220), ids=str)
def test_a_token_that_is_rejected_twice_ends_the_session(case: Case, mock: ContractMock, by: Services) -> None:
    mock.answer_with(case)
    logins = mock.logins
    for _ in range(2):
        with pytest.raises(SetupError, match="token-refused") as caught:
            CALLS[case.operation](by)
        assert caught.value.effect is Effect.NOT_APPLIED
    assert mock.faults == [] and len(mock.seen) == 2 and mock.logins == logins + 2


@pytest.mark.parametrize("name", [case.operation for case in of_status(220)])
def test_a_token_that_is_rejected_once_is_renewed(name: str, mock: ContractMock, by: Services) -> None:
    success = next(case for case in of_status(200) if case.operation == name)
    rejected = next(case for case in of_status(220) if case.operation == name)
    mock.answer_with(rejected, success)
    look, expected = ANSWERS[name, success.example]
    assert look(CALLS[name](by)) == expected
    assert mock.faults == [] and len(mock.seen) == 2


@pytest.mark.parametrize("case", of_status(221), ids=str)
def test_a_user_who_is_gone_stops_everything(case: Case, mock: ContractMock, by: Services) -> None:
    mock.answer_with(case)
    logins = mock.logins
    for name in (case.operation, "get_company"):
        with pytest.raises(CredentialsRefused) as caught:
            CALLS[name](by)
        assert caught.value.effect is Effect.NOT_APPLIED
    assert mock.faults == [] and mock.logins == logins + 1
    assert mock.seen == ([] if case.operation == "login" else [case.operation])


@pytest.mark.parametrize("case", of_status(400), ids=str)
def test_sovos_says_why_it_refuses(case: Case, mock: ContractMock, by: Services) -> None:
    (body,) = json.loads(case.body or b"")["errors"]
    mock.answer_with(case)
    with pytest.raises(ServiceFailure) as caught:
        CALLS[case.operation](by)
    failure = caught.value
    assert (failure.operation, failure.code, failure.answer) == (case.operation, body["Code"], body["Message"])
    meaning = say(Language.EN, f"meaning.{failure.meaning}")
    assert f"{meaning[0].upper()}{meaning[1:]}." == words_of(case.operation)[body["Code"]]
    assert mock.faults == [] and len(mock.seen) == 1


@pytest.mark.parametrize("case", of_status(401, 404, 500), ids=str)
def test_sovos_is_judged_by_its_status_alone(case: Case, mock: ContractMock, by: Services) -> None:
    mock.answer_with(case)
    expected: dict[int, tuple[type[ImporterError], str, int]] = {
        401: (SetupError, "sovos-key-refused", 1),
        404: (SetupError, "sovos-address", 1),
        500: (AnswerUnclear, "status", 3),
    }
    error, key, tries = expected[case.status]
    with pytest.raises(error, match=key):
        CALLS[case.operation](by)
    assert mock.faults == [] and len(mock.seen) == tries


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", [b"<html>502</html>", b"[]", b"null", b'{"message": ', b"\xff\xfe"], ids=repr)
def test_a_success_that_cannot_be_read_proves_nothing(name: str, body: bytes, mock: ContractMock, by: Services) -> None:
    mock.answer_with(Case(name, 200, "odd", body))
    with pytest.raises(ImporterError) as caught:
        CALLS[name](by)
    if name != "login":
        assert caught.value.effect is Effect.UNKNOWN
        # Of Sovos the status alone says that an answer came; what is wrong with it is found after the tries.
        is_repeated = repeats_are_safe(name, Effect.UNKNOWN) and name not in operation_ids("sovos")
        assert len(mock.seen) == (3 if is_repeated else 1)


@pytest.mark.parametrize("name", CALLS)
def test_every_operation_survives_a_status_that_no_contract_knows(name: str, mock: ContractMock, by: Services) -> None:
    mock.answer_with(Case(name, 418, "odd", b"short and stout"))
    with pytest.raises(ImporterError) as caught:
        CALLS[name](by)
    assert name == "login" or (isinstance(caught.value, AnswerUnclear) and mock.faults == [])
