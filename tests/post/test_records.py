"""Sending records: every failure of the contract's tables for both forms, done and not done, judged by the list that is
read again. The service is the independent one."""

from collections.abc import Callable, Iterator

import pytest

from importer.errors import CredentialsRefused, ImporterError, Interrupted, SetupError, TooManyUnknown
from importer.model.postings import State
from importer.post.records import RecordOutcome, RecordToSend, send_records
from importer.services.sunplusxtra.records import Address, AddressWrite, AnalysisCode, CodeWrite, Found, RecordWrite
from tests.independent_records import NO_ANSWER, USER_GONE, Failure, IndependentRecords, independent_records, session_at
from tests.post.evidence import Kept

OLD, NEW = AnalysisCode("A1", "Old", "LOOK", False), AnalysisCode("A1", "New", "LOOK", True)
SHOP = Address("PR/1 &", ("Papelería", "", "", "", ""), "", "", "PAP", "", "", 2, email="")
MOVED = Address("PR/1 &", ("Papelería", "Calle 65", "", "", ""), "", "", "PAP", "", "", 2, email="")

WRITES: dict[str, RecordWrite] = {
    "create_dimension_code": CodeWrite(7, None, NEW),
    "update_dimension_code": CodeWrite(7, OLD, NEW),
    "delete_dimension_code": CodeWrite(7, OLD, None),
    "create_address": AddressWrite(None, MOVED),
    "update_address": AddressWrite(SHOP, MOVED),
    "delete_address": AddressWrite(SHOP, None),
}
REFUSING = {
    "create_dimension_code": ("206",),
    "update_dimension_code": ("206",),
    "delete_dimension_code": ("206",),
    "create_address": ("201", "203", "206"),
    "update_address": ("201", "203", "206"),
    "delete_address": ("201",),
}
"""Codes after which nothing was done (`x-outcome` of the contract)."""
DOUBTFUL = {
    "create_dimension_code": ("202", "203"),
    "update_dimension_code": ("202", "203"),
    "delete_dimension_code": ("202", "203"),
    "create_address": ("202",),
    "update_address": ("202",),
    "delete_address": ("202", "203"),
}


@pytest.fixture
def service() -> Iterator[IndependentRecords]:
    with independent_records() as service:
        service.add_code("07", "B1")
        yield service
        assert service.faults == []


def prepare(service: IndependentRecords, write: RecordWrite) -> None:
    if isinstance(write, CodeWrite) and write.before is not None:
        service.add_code("07", "A1", "Old")
    if isinstance(write, AddressWrite) and write.before is not None:
        service.add_address("PR/1 &")


def sent(
    service: IndependentRecords,
    *writes: RecordWrite,
    kept: Kept | None = None,
    interrupts: Callable[[], int] = lambda: 0,
) -> tuple[list[RecordOutcome], ImporterError | None]:
    records = [RecordToSend("record", str(number), write) for number, write in enumerate(writes)]
    return send_records(records, session_at(service), Kept() if kept is None else kept, lambda: None, interrupts)


def only(sent: tuple[list[RecordOutcome], ImporterError | None]) -> RecordOutcome:
    ((outcome,), _) = sent
    return outcome


def is_as_wanted(service: IndependentRecords, write: RecordWrite) -> bool:
    return write.look(session_at(service)) is Found.AS_WANTED


@pytest.mark.parametrize("operation", WRITES)
def test_a_good_answer_is_posted_and_the_company_has_it(service: IndependentRecords, operation: str) -> None:
    write = WRITES[operation]
    prepare(service, write)
    assert not is_as_wanted(service, write)
    kept = Kept()
    assert sent(service, write, kept=kept) == ([RecordOutcome(State.POSTED, 1)], None)
    assert [name for name, _ in service.writes] == [operation]
    assert is_as_wanted(service, write)
    assert [(record.write.action, outcome) for record, outcome in kept] == [
        (operation.partition("_")[0], None),
        (operation.partition("_")[0], RecordOutcome(State.POSTED, 1)),
    ]


@pytest.mark.parametrize(("operation", "code"), [(name, code) for name, codes in REFUSING.items() for code in codes])
def test_a_refusal_is_told_with_the_service_words_and_nothing_is_repeated(
    service: IndependentRecords, operation: str, code: str
) -> None:
    write = WRITES[operation]
    prepare(service, write)
    service.script = [Failure(code)]
    outcome = only(sent(service, write))
    assert (outcome.state, outcome.sendings) == (State.REFUSED, 1)
    assert f"words of {code}" in outcome.answer
    assert len(service.writes) == 1 and service.reads == []


EACH_DOUBT = [(name, code) for name, codes in DOUBTFUL.items() for code in (*codes, NO_ANSWER, "999")]


@pytest.mark.parametrize(("operation", "code"), EACH_DOUBT)
def test_after_a_doubt_a_change_that_was_made_is_posted(service: IndependentRecords, operation: str, code: str) -> None:
    write = WRITES[operation]
    prepare(service, write)
    service.script = [Failure(code, is_done=True)] * 3
    outcome = only(sent(service, write))
    assert (outcome.state, outcome.recovered, outcome.reason) == (State.POSTED, True, None)
    assert is_as_wanted(service, write)


@pytest.mark.parametrize(("operation", "code"), [pair for pair in EACH_DOUBT if pair[1] != NO_ANSWER])
def test_after_a_doubt_a_change_that_was_not_made_is_refused(
    service: IndependentRecords, operation: str, code: str
) -> None:
    write = WRITES[operation]
    prepare(service, write)
    service.script = [Failure(code)] * 3
    outcome = only(sent(service, write))
    assert outcome.state is State.REFUSED and f"words of {code}" in outcome.answer
    assert not is_as_wanted(service, write)


@pytest.mark.parametrize("operation", WRITES)
def test_a_change_that_got_no_answer_and_is_not_in_the_list_is_sent_once_more(
    service: IndependentRecords, operation: str
) -> None:
    write = WRITES[operation]
    prepare(service, write)
    tries = 1 if operation.startswith("create") else 3
    service.script = [Failure(NO_ANSWER)] * tries
    outcome = only(sent(service, write))
    assert (outcome.state, outcome.sendings, len(service.writes)) == (State.POSTED, 2, tries + 1)
    assert is_as_wanted(service, write)


def test_a_second_sending_that_is_refused_because_the_first_landed_late_is_posted(service: IndependentRecords) -> None:
    service.script = [Failure(NO_ANSWER), Failure("206", is_done=True)]
    outcome = only(sent(service, WRITES["create_dimension_code"]))
    assert (outcome.state, outcome.recovered, outcome.sendings) == (State.POSTED, True, 2)


def test_a_second_sending_that_is_refused_and_not_in_the_list_is_refused(service: IndependentRecords) -> None:
    service.script = [Failure(NO_ANSWER), Failure("206")]
    outcome = only(sent(service, WRITES["create_dimension_code"]))
    assert outcome.state is State.REFUSED and "words of 206" in outcome.answer


def test_no_answer_twice_is_unknown(service: IndependentRecords) -> None:
    service.script = [Failure(NO_ANSWER)] * 2
    outcome = only(sent(service, WRITES["create_address"]))
    assert (outcome.state, outcome.found, outcome.sendings) == (State.UNKNOWN, Found.AS_BEFORE, 2)


def test_a_list_that_cannot_be_read_again_leaves_it_unknown(service: IndependentRecords) -> None:
    service.script = [Failure("202", is_done=True)]
    service.reading_script = [Failure("202")] * 3
    outcome = only(sent(service, WRITES["create_dimension_code"]))
    assert (outcome.state, outcome.found) == (State.UNKNOWN, None)


def test_a_record_that_somebody_else_changed_meanwhile_is_unknown_and_not_sent_again(
    service: IndependentRecords,
) -> None:
    service.add_code("07", "A1", "Other")
    service.script = [Failure(NO_ANSWER)] * 3
    outcome = only(sent(service, WRITES["update_dimension_code"]))
    assert (outcome.state, outcome.found, outcome.sendings) == (State.UNKNOWN, Found.OTHERWISE, 1)


def new_code(number: int) -> RecordWrite:
    return CodeWrite(7, None, AnalysisCode(f"N{number}", "New", "", False))


def test_changes_are_sent_in_their_order(service: IndependentRecords) -> None:
    outcomes, _ = sent(service, *map(new_code, range(5)))
    assert [body["code"] for _, body in service.writes] == ["N0", "N1", "N2", "N3", "N4"]
    assert [outcome.state for outcome in outcomes] == [State.POSTED] * 5


def test_three_unknowns_in_a_row_stop_the_sending(service: IndependentRecords) -> None:
    service.script = [Failure("202"), None, *[Failure("202")] * 10]
    service.reading_script = [Failure("202")] * 100
    outcomes, stopped_by = sent(service, *map(new_code, range(9)))
    unknown, posted = State.UNKNOWN, State.POSTED
    assert [outcome.state for outcome in outcomes] == [unknown, posted, unknown, unknown, unknown]
    assert isinstance(stopped_by, TooManyUnknown)


def test_a_session_that_is_over_stops_the_sending_and_nothing_was_done(service: IndependentRecords) -> None:
    service.script = [None, Failure(USER_GONE)]
    outcomes, stopped_by = sent(service, *map(new_code, range(3)))
    assert [(outcome.state, outcome.sendings) for outcome in outcomes] == [
        (State.POSTED, 1),
        (State.PLANNED, 0),
    ]
    assert isinstance(stopped_by, CredentialsRefused)


def test_a_session_that_ends_while_looking_leaves_it_unknown_and_stops(service: IndependentRecords) -> None:
    service.script, service.reading_script = [Failure("202")], [Failure(USER_GONE)]
    outcomes, stopped_by = sent(service, *map(new_code, range(3)))
    assert [outcome.state for outcome in outcomes] == [State.UNKNOWN]
    assert isinstance(stopped_by, CredentialsRefused)


def test_a_service_out_of_reach_stops_the_sending() -> None:
    with independent_records() as gone:
        session = session_at(gone)
        session.log_in()
    records = [RecordToSend("record", "0", new_code(0)), RecordToSend("record", "1", new_code(1))]
    outcomes, stopped_by = send_records(records, session, Kept(), lambda: None, lambda: 0)
    assert [outcome.state for outcome in outcomes] == [State.PLANNED]
    assert stopped_by is not None and stopped_by.key == "not-sent"


def test_after_ctrl_c_nothing_new_is_sent(service: IndependentRecords) -> None:
    outcomes, stopped_by = sent(service, *map(new_code, range(3)), interrupts=lambda: len(service.writes))
    assert [outcome.state for outcome in outcomes] == [State.POSTED]
    assert isinstance(stopped_by, Interrupted)


def test_nothing_is_sent_when_the_intent_cannot_be_kept(service: IndependentRecords) -> None:
    kept = Kept()
    kept.most = 2
    outcomes, stopped_by = sent(service, *map(new_code, range(3)), kept=kept)
    assert [outcome.state for outcome in outcomes] == [State.POSTED, State.PLANNED]
    assert isinstance(stopped_by, SetupError) and len(service.writes) == 1


def test_an_outcome_that_cannot_be_kept_is_known_all_the_same(service: IndependentRecords) -> None:
    kept = Kept()
    kept.most = 1
    outcomes, stopped_by = sent(service, *map(new_code, range(3)), kept=kept)
    assert [outcome.state for outcome in outcomes] == [State.POSTED]
    assert isinstance(stopped_by, SetupError)


def test_a_code_that_cannot_stand_in_a_path_is_refused_before_it_is_sent(service: IndependentRecords) -> None:
    outcome = only(sent(service, AddressWrite(Address(".."), None)))
    assert outcome.state is State.REFUSED and service.writes == []
