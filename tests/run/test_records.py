"""Dimensions and addresses of a run, from sheets to what became of them, against the sandbox and the independent
service."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest

from importer.errors import Interrupted
from importer.model.problems import Problem
from importer.model.results import Company, Document, FieldChange, Status
from importer.model.workbook import CellText, FormSheet, Workbook
from importer.report.sentences import message
from importer.run.drafts import records_in
from importer.run.records import blocked_by_records, check_records, post_records
from importer.sandbox import running
from importer.services.session import Session
from importer.templates.forms import JOURNALS
from importer.translations import Language, say
from importer.validate.journals import drafts_of
from importer.validate.records import RecordDraft
from tests.independent_records import NO_ANSWER, Failure, IndependentRecords, independent_records, session_at
from tests.post.evidence import Kept
from tests.services.conftest import session_in
from tests.validate.record_sheets import address, code, record_sheet
from tests.validate.sheets import pair, sheet_of

COMPANY = Company(5, "IAN")
EndOfRecord = tuple[str, Status, str | None, list[str]]


@dataclass
class _Person:
    """Says yes to deletes unless told otherwise, and is told of each record that ended."""

    confirms: bool = True
    asked: list[str] = field(default_factory=list)
    total: int = 0
    ended: int = 0
    stops_after: int = 1000

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        self.asked += [document.key for document in documents]
        return self.confirms

    def posting(self, total: int) -> AbstractContextManager[Callable[[], None]]:
        self.total = total
        return nullcontext(self._tell)

    def _tell(self) -> None:
        self.ended += 1

    def interrupts(self) -> int:
        return int(self.ended >= self.stops_after)


def somebody(**answers: Any) -> Any:
    """An observer of which only what records ask is there."""
    return _Person(**answers)


def drafts_of_sheets(
    *sheets: FormSheet, allow_delete: bool = True, problems: Sequence[Problem] = ()
) -> list[RecordDraft]:
    return records_in([Workbook("june.xlsx", "0", sheets, tuple(problems))], allow_delete=allow_delete)


def carried_out(
    session: Session, *sheets: FormSheet, person: Any = None, allow_delete: bool = True
) -> list[RecordDraft]:
    checked = check_records(drafts_of_sheets(*sheets, allow_delete=allow_delete), session, 4, Language.EN)
    drafts, _ = post_records(checked.drafts, session, COMPANY, person or somebody(), Kept(), Language.EN)
    return drafts


def told(drafts: Sequence[RecordDraft]) -> list[EndOfRecord]:
    return [
        (one.document.key, one.document.status, one.document.action, [problem.wording for problem in one.problems])
        for one in drafts
    ]


def codes(*rows: dict[str, CellText]) -> FormSheet:
    return record_sheet("dimensions", rows)


def addresses(*rows: dict[str, CellText]) -> FormSheet:
    return record_sheet("addresses", rows)


@pytest.fixture
def service() -> Iterator[IndependentRecords]:
    with independent_records() as service:
        service.add_code("07", "OLD", "Old name")
        service.add_code("03", "10")
        service.add_address("PR/0001", telephoneNumber="555", analysisCodes={})
        yield service
        assert service.faults == []


EVERY_ROW = (
    codes(
        code(),
        code(code="OLD", name="New name"),
        code(code="OLD2", action="DELETE", name=None),
        code(code="BAD", name=None),
    ),
    addresses(address(addressCode="N1"), address(status="2", area="Sur")),
)


def test_every_kind_of_change_is_made_once_and_a_second_run_changes_nothing(service: IndependentRecords) -> None:
    service.add_code("07", "OLD2")
    session, person = session_at(service), somebody()
    drafts = carried_out(session, *EVERY_ROW, person=person)
    assert told(drafts) == [
        ("07/DP0121", Status.POSTED, "create", []),
        ("07/OLD", Status.POSTED, "update", []),
        ("07/OLD2", Status.POSTED, "delete", []),
        ("07/BAD", Status.INVALID, None, ["required.to-create"]),
        ("N1", Status.POSTED, "create", []),
        ("PR/0001", Status.POSTED, "update", []),
    ]
    assert drafts[1].document.changes == (FieldChange("name", "Old name", "New name"),)
    assert (person.asked, person.total, person.ended) == (["07/OLD2"], 5, 5)
    assert service.addresses["PR/0001"]["telephoneNumber"] == "555", "a blank cell keeps what is there"
    made = dict(service.codes), dict(service.addresses)
    again = carried_out(session, *EVERY_ROW)
    assert [status for _, status, _, _ in told(again)] == [*[Status.ALREADY_POSTED] * 3, Status.INVALID] + (
        [Status.ALREADY_POSTED] * 2
    )
    assert (service.codes, service.addresses) == made and len(service.writes) == 5


def test_the_sandbox_agrees() -> None:
    row = {"analysis3.code": "CULTO", "analysis4.code": "CHURCH", "analysis2.code": "AR"}
    sheets = (
        codes(code(), code(catId="3", code="10", name="Fondo diez")),
        addresses(
            {**address(), **row}, address(addressCode="N1", **{"analysis3_code": "CULTO", "analysis4_code": "CHURCH"})
        ),
    )
    with running() as sandbox:
        session = session_in(sandbox)
        first = [status for _, status, _, _ in told(carried_out(session, *sheets))]
        sandbox.calls.clear()
        second = [status for _, status, _, _ in told(carried_out(session, *sheets))]
        calls = dict(sandbox.calls)
    assert first == [Status.POSTED] * 4
    assert second == [Status.ALREADY_POSTED] * 4
    assert calls == {"list_dimension_codes": 2, "list_addresses": 1, "list_required_analysis_codes": 1}


def test_lists_are_read_once_and_only_those_that_are_needed(service: IndependentRecords) -> None:
    rows = [code(code=f"C{number}") for number in range(20)]
    checked = check_records(drafts_of_sheets(codes(*rows)), session_at(service), 4, Language.EN)
    assert service.reads == ["list_dimension_codes"]
    assert set(checked.known) == {7} and len(checked.made) == 20


def test_dimensions_go_before_addresses_whatever_the_order_of_the_sheets(service: IndependentRecords) -> None:
    sheets = addresses(address(addressCode="N1", analysis2_code="40")), codes(code(catId="3", code="40"))
    assert [status for _, status, _, _ in told(carried_out(session_at(service), *sheets))] == [Status.POSTED] * 2
    assert [name for name, _ in service.writes] == ["create_dimension_code", "create_address"]


def test_an_address_that_needs_a_refused_code_is_not_sent(service: IndependentRecords) -> None:
    sheets = codes(code(catId="3", code="40")), addresses(address(addressCode="N1", analysis2_code="40"))
    service.script = [Failure("206")]
    drafts = carried_out(session_at(service), *sheets)
    assert told(drafts) == [
        ("03/40", Status.REFUSED, "create", ["refused-document.record"]),
        ("N1", Status.NOT_SENT, "create", ["depends-on-refused.sheet"]),
    ]
    assert "words of 206" in message(drafts[0].problems[0], Language.EN)


def test_deletes_need_leave_and_the_persons_yes(service: IndependentRecords) -> None:
    sheet = codes(code(code="OLD", action="DELETE", name=None), code())
    session = session_at(service)
    assert told(carried_out(session, sheet, allow_delete=False))[0] == (
        "07/OLD",
        Status.INVALID,
        "delete",
        ["not-allowed"],
    )
    person = somebody(confirms=False)
    assert [status for _, status, _, _ in told(carried_out(session, sheet, person=person))] == [
        Status.NOT_SENT,
        Status.ALREADY_POSTED,
    ]
    assert person.asked == ["07/OLD"] and ("07", "OLD") in service.codes
    carried_out(session, codes(code()), person=(unasked := somebody()))
    assert unasked.asked == []


@pytest.mark.parametrize("language", Language)
def test_an_unknown_outcome_says_what_to_do(service: IndependentRecords, language: Language) -> None:
    service.script = [Failure(NO_ANSWER)] * 2
    session = session_at(service)
    checked = check_records(drafts_of_sheets(codes(code())), session, 4, Language.EN)
    ((draft,), stop) = post_records(checked.drafts, session, COMPANY, somebody(), Kept(), language)
    assert (draft.document.status, draft.document.attempts, stop) == (Status.UNKNOWN, 2, None)
    assert say(language, "reason.cut") in message(draft.problems[0], language)


def test_without_its_list_nothing_of_a_form_is_sent(service: IndependentRecords) -> None:
    session = session_at(service)
    service.reading_script = [Failure("202")] * 3
    checked = check_records(drafts_of_sheets(codes(code())), session, 4, Language.EN)
    assert [draft.document.status for draft in checked.drafts] == [Status.READY]
    assert [problem.code for problem in checked.warnings] == ["reference-unavailable"]
    drafts, _ = post_records(checked.drafts, session, COMPANY, somebody(), Kept(), Language.EN)
    assert told(drafts) == [("07/DP0121", Status.NOT_SENT, None, ["service-unavailable.record"])]
    assert service.writes == []


def test_after_ctrl_c_the_rest_is_not_sent(service: IndependentRecords) -> None:
    session, person = session_at(service), somebody(stops_after=1)
    checked = check_records(
        drafts_of_sheets(codes(code(), code(code="C2")), addresses(address())), session, 4, Language.EN
    )
    drafts, stop = post_records(checked.drafts, session, COMPANY, person, Kept(), Language.EN)
    assert [draft.document.status for draft in drafts] == [Status.POSTED, Status.NOT_SENT, Status.NOT_SENT]
    assert isinstance(stop, Interrupted) and len(service.writes) == 1


def test_records_of_a_workbook_that_cannot_be_used_are_held_back() -> None:
    sheet = codes(code(), code(catId="99"))
    elsewhere = Problem("missing-column", sheet_of(pair()).place())
    assert [one.document.status for one in drafts_of_sheets(sheet, problems=[elsewhere])] == [
        Status.NOT_SENT,
        Status.INVALID,
    ]
    (only,) = drafts_of_sheets(sheet, problems=[Problem("missing-column", sheet.place())])
    assert (only.document.status, only.document.rows) == (Status.INVALID, (2, 3))


def test_cells_the_reader_complained_of_are_told_with_their_row() -> None:
    sheet = codes(code(), code(code="C2"))
    drafts = drafts_of_sheets(sheet, problems=[Problem("cell-error", sheet.place(3, "name"), facts={"error": "#N/A"})])
    assert [one.document.status for one in drafts] == [Status.READY, Status.INVALID]
    assert [problem.document for problem in drafts[1].problems] == ["07/C2"]


@pytest.mark.parametrize(
    ("failure", "status"), [(Failure("206"), Status.NOT_SENT), (Failure("202", is_done=True), Status.READY)]
)
def test_journals_are_held_back_by_what_became_of_the_codes_they_use(
    service: IndependentRecords, failure: Failure, status: Status
) -> None:
    journals = drafts_of(sheet_of([*pair(fund="40"), *pair(journal="J2")]), JOURNALS, 12)
    service.script = [failure]
    records = carried_out(session_at(service), codes(code(catId="3", code="40")))
    needy, other = blocked_by_records(journals, records)
    assert (needy.document.status, other.document.status) == (status, Status.READY)
    assert {problem.facts["row"] for problem in needy.problems} == ({"2"} if status is Status.NOT_SENT else set())
