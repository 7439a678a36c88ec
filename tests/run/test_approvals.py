"""What a second person must approve: nothing of it is sent before, and only what was approved afterwards."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from importer.errors import SetupError
from importer.model.journals import Journal
from importer.run.approvals import judge, rules_for
from importer.sandbox import running
from importer.store.approvals import Rule, policy_in
from importer.store.database import Database
from importer.store.submissions import SubmissionState, bring_on_decided, find_submission
from importer.team.jobs import waiting_for
from importer.templates.forms import DIMENSIONS
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.cli.commands import Ended, importer, settings_for, settings_of
from tests.cli.workbooks import Cells, line, write
from tests.fates import Fate
from tests.faulty_service import FaultyService, faulty_service
from tests.post.journals import journal
from tests.postgres import new_address
from tests.team.test_jobs import carried_out, environment, submit

POLICY = '[[approval]]\ntypes = ["JV"]\nabove = { MXN1 = "100" }\n'


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        (POLICY, True),
        ('[[approval]]\npeople = ["rosa", "luis"]\nneed = 2\n', True),
        ("approval = []\n", True),
        ("", False),
        ("[[approval]]\nneed = 3\n", False),
        ('[[approval]]\npeople = ["rosa"]\nneed = 2\n', False),
        ("[[approval]]\nlimit = 5\n", False),
        ('[[approval]]\nabove = { MXN1 = "much" }\n', False),
        ("[[approval", False),
    ],
)
def test_a_policy_is_read_strictly(text: str, is_good: bool) -> None:
    if is_good:
        assert len(policy_in(text).digest) == 64
    else:
        with pytest.raises(SetupError, match="policy-unreadable"):
            policy_in(text)


def rules(text: str, journals: Sequence[Journal], kinds: set[str] = frozenset(), company: int = 5) -> list[Rule]:  # type: ignore[assignment]
    return list(rules_for(policy_in(text), company, journals, kinds))


def test_a_rule_speaks_of_companies_types_and_the_sum_of_one_upload() -> None:
    one = journal()  # 18,630.10 MXN1 of type JV
    (currency,) = {line.currency for line in one.lines}
    debit = sum((line.amount for line in one.lines if line.side == "D"), Decimal(0))
    above = '[[approval]]\nabove = {{ {currency} = "{limit}" }}\n'
    assert rules("[[approval]]\n", [one]) and not rules("[[approval]]\n", [])
    assert not rules("[[approval]]\ncompanies = [7]\n", [one]) and rules("[[approval]]\ncompanies = [5]\n", [one])
    assert not rules('[[approval]]\ntypes = ["PC"]\n', [one])
    assert not rules(above.format(currency=currency, limit=debit), [one])
    assert rules(above.format(currency=currency, limit=debit), [one, one])
    assert rules(above.format(currency="USD1", limit=10**9), [one])
    assert rules('[[approval]]\ntypes = ["deletes"]\n', [], {"records", "deletes"})
    assert not rules('[[approval]]\ntypes = ["deletes"]\n', [one], {"records"})
    assert rules('[[approval]]\nabove = { MXN1 = "1" }\n', [], {"records"})


def test_a_store_in_a_file_has_no_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    ended = importer("policy", "set", "policy.toml", folder=tmp_path, IMPORTER_STORE=f"sqlite:///{tmp_path / 's.db'}")
    assert ended.code == 3 and "PostgreSQL" in ended.err
    assert Database(f"sqlite:///{tmp_path / 's.db'}").login_role() == ""


@dataclass
class Office:
    """A ledger, and people who each have a login of their own in the store."""

    folder: Path
    service: FaultyService
    address: str
    settings: dict[str, str] = field(default_factory=dict)

    def does(self, person: str, *arguments: str, typed: str = "") -> Ended:
        known = settings_for(self.service.url, self.folder / "unused.db") | {"IMPORTER_SETTLE": "2"}
        settings = known | self.settings
        settings["IMPORTER_STORE"] = self.address.replace("postgres:@", f"{person}:@", 1)
        with ExitStack() as stack:
            if typed:
                stack.enter_context(patch("importer.cli.output.click.prompt", lambda *_, **__: typed))
            return importer(*arguments, folder=self.folder, **settings)

    def runs(self, person: str = "ana") -> Ended:
        return self.does(person, "run", "june.xlsx", "--json", "--yes")

    def approves(self, person: str, request: int = 1) -> Ended:
        return self.does(person, "approve", str(request), typed="y")

    def sets(self, policy: str) -> None:
        (self.folder / "policy.toml").write_text(policy, encoding="utf-8")
        done = self.does("postgres", "policy", "set", "policy.toml")
        assert done.code == 0, done.err

    def writes(self, *amounts: int, account: str = "101110") -> None:
        rows: list[Cells] = []
        for number, amount in enumerate(amounts):
            rows += [line(f"J{number}", "D", amount, account=account), line(f"J{number}", "C", amount)]
        write(self.folder / "june.xlsx", rows)

    def open_requests(self) -> list[dict[str, Any]]:
        document = json.loads(self.does("rosa", "requests", "--json").out)
        return list(document["requests"])

    @property
    def posted(self) -> int:
        return self.service.posted.total()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with faulty_service(others=False) as service, new_address() as address:
        Database(address).close()
        people = ("ana", "rosa", "luis")
        with connected(address) as connection:
            for person in people:
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (person,)).fetchone()
                if known is None:
                    connection.execute(f"CREATE ROLE {person} LOGIN SUPERUSER".encode())
        there = Office(tmp_path, service, address)
        there.sets(POLICY)
        yield there


def connected(address: str) -> Any:
    """A connection past the program."""
    import psycopg

    return psycopg.connect(address, autocommit=True)


def held(ended: Ended) -> bool:
    codes = {problem["code"] for problem in ended.result["problems"]}
    return ended.code == 1 and "needs-approval" in codes and ended.result["approval"] is None


@pytest.mark.long
def test_what_is_over_the_limit_waits_for_somebody_else_and_is_posted_as_approved(office: Office) -> None:
    office.writes(60, 60)
    first = office.runs()
    assert held(first) and office.posted == 0
    assert [one["status"] for one in first.result["documents"]] == ["not_sent"] * 2
    own = office.approves("ana")
    assert own.code == 3 and held(office.runs())
    (request,) = office.open_requests()
    assert (request["asked_by"], request["shown"]["sums"]) == ("ana", [["MXN1", "2018006", "120.00"]])
    assert office.approves("rosa").code == 0
    ended = office.runs()
    assert ended.code == 0 and office.posted == 2
    assert [one["person"] for one in ended.result["approval"]["approved_by"]] == ["rosa"]
    page = (office.folder / ended.result["report"]).read_text(encoding="utf-8")
    assert "rosa" in page
    assert office.approves("luis").code == 3


@pytest.mark.long
def test_what_is_within_the_limit_needs_nobody(office: Office) -> None:
    office.writes(60, 40)
    assert office.runs().code == 0 and office.posted == 2 and office.open_requests() == []


@pytest.mark.long
@pytest.mark.parametrize("change", ["cell", "account", "row"])
def test_what_is_changed_after_the_approval_needs_another_one(office: Office, change: str) -> None:
    office.writes(60, 60)
    office.runs()
    office.approves("rosa")
    if change == "cell":
        office.writes(60, 61)
    elif change == "account":
        office.writes(60, 60, account="611010")
    else:
        office.writes(60, 60, 5)
    assert held(office.runs()) and office.posted == 0
    assert [one["id"] for one in office.open_requests()] == [2]
    assert office.approves("luis", 2).code == 0 and office.runs().code == 0
    assert office.posted == (3 if change == "row" else 2)


@pytest.mark.long
def test_a_policy_that_is_set_anew_outdates_what_was_approved(office: Office) -> None:
    office.writes(120)
    office.runs()
    office.approves("rosa")
    office.sets(POLICY + "need = 2\n")
    assert held(office.runs()) and office.approves("rosa", 1).code == 3
    assert office.approves("rosa", 2).code == 0 and held(office.runs()) and office.posted == 0
    assert office.approves("rosa", 2).code == 3
    assert office.approves("luis", 2).code == 0 and office.runs().code == 0 and office.posted == 1


REQUEST = (
    "INSERT INTO requests"
    " (run, company, installation, source, binds, items, rules, policy, maker, shown, asked_at, state)"
    " SELECT run, company, installation, source, binds, items, {rules}, policy, '{maker}', shown, asked_at, '{state}'"
    " FROM requests"
)
DECISION = "INSERT INTO request_decisions (request, person, decided_at, is_yes, words) VALUES (1, '{}', '2018', 1, '')"
FORGED = (
    DECISION.format("rosa"),
    DECISION.format(""),
    REQUEST.format(maker="rosa", rules="rules", state="open"),
    "UPDATE requests SET maker = 'rosa'",
    "UPDATE requests SET items = '[]'",
    "INSERT INTO policies (text, set_by, set_at) VALUES ('approval = []', 'postgres', '2018')",
    "DELETE FROM policies",
)


@pytest.mark.long
def test_whoever_needs_an_approval_can_neither_end_the_policy_nor_write_the_approval(office: Office) -> None:
    """Nor with another program, by a login that has the rights which the office's guide gives it."""
    import psycopg

    office.sets(POLICY)
    office.writes(500)
    with connected(office.address) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'clerk'").fetchone() is None:
            connection.execute("CREATE ROLE clerk LOGIN")
        (schema,) = connection.execute("SELECT current_schema()").fetchone()
        connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO clerk".encode())
        connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO clerk".encode())
    assert held(office.runs("clerk"))
    with connected(office.address.replace("postgres:@", "clerk:@", 1)) as connection:
        for forged in FORGED:
            with pytest.raises(psycopg.errors.RaiseException, match="for the person or the administrator"):
                connection.execute(forged)
        connection.execute(REQUEST.format(maker="clerk", rules="'[]'", state="approved"))
        connection.execute("UPDATE requests SET state = 'approved'")
    (office.folder / "none.toml").write_text("approval = []\n", encoding="utf-8")
    ended = office.does("clerk", "policy", "set", "none.toml")
    assert ended.code == 3 and "CREATEROLE" in ended.err
    assert held(office.runs("clerk")) and office.posted == 0
    with connected(office.address) as connection:
        connection.execute("UPDATE requests SET state = 'open'")
    assert office.approves("clerk").code == 3 and office.approves("rosa").code == 0
    assert office.runs("clerk").code == 0 and office.posted == 1


@pytest.mark.long
def test_only_those_whom_the_policy_names_may_approve(office: Office) -> None:
    office.sets(POLICY + 'people = ["luis"]\n')
    office.writes(120)
    assert held(office.runs())
    assert office.approves("rosa").code == 3
    assert office.approves("luis").code == 0 and office.runs().code == 0


@pytest.mark.long
def test_what_others_have_posted_meanwhile_falls_out(office: Office) -> None:
    office.writes(60, 60)
    office.runs()
    office.approves("rosa")
    office.writes(60)  # somebody else, from a store without a policy
    alone = settings_for(office.service.url, office.folder / "alone.db")
    assert importer("run", "june.xlsx", "--yes", folder=office.folder, **alone).code == 0
    office.writes(60, 60)
    ended = office.runs()
    assert ended.code == 0 and office.posted == 2
    assert sorted(one["status"] for one in ended.result["documents"]) == ["already_posted", "posted"]


@pytest.mark.long
def test_a_rejected_workbook_is_told_why_and_never_sent(office: Office) -> None:
    office.writes(120)
    office.runs()
    assert office.does("rosa", "reject", "1", "--because", "wrong month").code == 0
    ended = office.runs()
    assert held(ended) and "wrong month" in ended.result["problems"][0]["message"] and office.posted == 0
    assert office.open_requests() == []


@pytest.mark.long
def test_an_unreadable_policy_lets_nothing_out(office: Office) -> None:
    with connected(office.address) as connection:
        connection.execute("INSERT INTO policies (text, set_by, set_at) VALUES ('[[x', 'a', 'b')")
    office.writes(1)
    ended = office.runs()
    assert ended.code == 3 and office.posted == 0 and ended.result["stopped_by"]["code"] == "policy-unreadable"


@pytest.mark.long
def test_a_resumed_run_is_held_too_and_yes_approves_nothing(office: Office) -> None:
    office.writes(120)
    run = office.runs().result["run"]
    resumed = office.does("ana", "resume", run, "--json", "--yes")
    assert held(resumed) and office.posted == 0
    office.approves("rosa")
    resumed = office.does("ana", "resume", run, "--json", "--yes")
    assert resumed.code == 0 and office.posted == 1 and os.environ.get("IMPORTER_STORE") is None


@pytest.mark.long
def test_records_wait_for_approval_before_the_journals_that_use_them(office: Office) -> None:
    office.sets('[[approval]]\ntypes = ["records"]\n')
    new = {"catId": "7", "code": "DP0999", "name": "Nuevo"}
    (office.folder / "june.xlsx").write_bytes(workbook_of([DIMENSIONS], Language.EN, {"dimensions": [new]}))
    with running() as sandbox:
        office.settings = settings_of(sandbox, "unused")
        ended = office.runs()
        assert held(ended) and [one["status"] for one in ended.result["documents"]] == ["not_sent"]
        assert sandbox.calls["create_dimension_code"] == 0
        assert office.approves("rosa").code == 0
        ended = office.runs()
        assert ended.code == 0 and sandbox.calls["create_dimension_code"] == 1
        assert [one["person"] for one in ended.result["approval"]["approved_by"]] == ["rosa"]


@pytest.mark.long
def test_two_must_approve_what_nobody_knows_to_have_asked_for(office: Office) -> None:
    """A workbook from a watched folder: anybody may have put it there."""
    office.writes(120)
    with connected(office.address) as connection:
        office.runs()
        connection.execute("UPDATE requests SET maker = ''")
    assert office.approves("rosa").code == 0 and held(office.runs())
    assert office.approves("ana").code == 0 and office.runs().code == 0 and office.posted == 1


@pytest.mark.long
def test_what_could_be_sent_only_after_the_check_is_not_sent(office: Office) -> None:
    """A journal that was held when the sum was counted, and is not any more a moment later."""
    office.writes(60, 60)
    verdicts = []

    def held_first(*arguments: Any) -> Any:
        database, sender, postings, records = arguments
        postings[0].hidden_by = ("101110", None)
        verdict = judge(database, sender, postings, records)
        postings[0].hidden_by = None
        verdicts.append(verdict)
        return verdict

    with patch("importer.run.journals.judge", held_first):
        ended = office.runs()
    assert verdicts[0].wording == "" and office.posted == 1
    assert [one["status"] for one in ended.result["documents"]] == ["not_sent", "posted"]
    assert [one["code"] for one in ended.result["problems"] if one["severity"] == "error"] == ["needs-approval"]


@pytest.mark.long
def test_a_part_of_what_was_rejected_may_be_asked_for(office: Office) -> None:
    office.writes(120, 130)
    office.runs()
    office.does("rosa", "reject", "1", "--because", "the second one")
    office.writes(120)
    assert held(office.runs()) and office.approves("rosa", 2).code == 0 and office.runs().code == 0


@pytest.mark.long
@pytest.mark.parametrize("is_yes", [True, False])
def test_all_submissions_that_wait_for_a_request_follow_its_decision(office: Office, is_yes: bool) -> None:
    office.writes(120)
    given = environment(office.folder, settings_for(office.service.url, office.folder / "x"))
    given["IMPORTER_STORE"] = store = office.address.replace("postgres:@", "ana:@", 1)
    numbers = [submit(office.folder / "june.xlsx", store, given) for _ in range(2)]
    for number in numbers:
        after = carried_out(store, number, given, office.folder)
        assert (after.state, after.stop) == (SubmissionState.APPROVAL, "needs-approval 1")
    assert office.posted == 0 and office.open_requests()[0]["asked_by"] == "ana"
    if is_yes:
        assert office.approves("rosa").code == 0
    else:
        assert office.does("rosa", "reject", "1", "--because", "no").code == 0
    ended = [carried_out(store, number, given, office.folder).state for number in numbers]
    assert ended == [SubmissionState.DONE if is_yes else SubmissionState.REJECTED] * 2
    assert office.posted == (1 if is_yes else 0)
    assert not any((office.folder / "cache").rglob("june.xlsx"))


@pytest.mark.long
def test_an_approval_speaks_of_one_company_alone(office: Office) -> None:
    """The same workbook for another company of the store needs a yes of its own."""
    office.writes(120)
    assert held(office.runs()) and office.approves("rosa").code == 0
    with faulty_service(company=6, others=False) as other:
        office.settings = {"SPX_URL": other.url}
        assert held(office.runs()) and other.posted.total() == 0
        (request,) = office.open_requests()
        assert (request["id"], request["company"]) == (2, "6")
        assert office.approves("rosa", 2).code == 0 and office.runs().code == 0
        assert (other.posted.total(), office.posted) == (1, 0)
    office.settings = {}
    assert office.runs().code == 0 and office.posted == 1


@pytest.mark.long
@pytest.mark.parametrize("decision", [("--send", "J0"), ("--send-missing", "restored")])
def test_what_a_person_has_sent_once_more_obeys_the_policy(office: Office, decision: tuple[str, str]) -> None:
    """The journal left when nothing needed approval; what is sent now needs it."""
    office.sets("approval = []\n")
    office.writes(120)
    office.settings = {"IMPORTER_TIMEOUT": "1", "IMPORTER_SETTLE": "2"}
    office.service.script["REF-J0"] = Fate("reset", committed=False)
    run = office.does("ana", "run", "june.xlsx", "--json", "--yes", "--no-wait").result["run"]
    with connected(office.address) as connection:
        long_ago = "UPDATE journals SET in_doubt_since = '2018-06-30T17:05:01+00:00', doubt_clock = ''"
        if decision[0] == "--send-missing":
            long_ago += ", state = 'posted', journal_number = '9999'"
        assert connection.execute(long_ago.encode()).rowcount == 1
    office.sets(POLICY)
    ended = office.does("ana", "resume", run, *decision, "--json", "--yes")
    assert office.posted == 0 and "needs-approval" in {one["code"] for one in ended.result["problems"]}, ended.err
    again = decision if decision[0] == "--send-missing" else ()  # --send has been taken down
    assert held(office.does("ana", "resume", run, *again, "--json", "--yes")) and office.posted == 0
    assert office.approves("rosa").code == 0
    ended = office.does("ana", "resume", run, *again, "--json", "--yes")
    assert ended.code == 0 and office.posted == 1, ended.err


@pytest.mark.long
def test_a_submission_asks_again_when_the_policy_or_its_workbook_is_another_one_meanwhile(office: Office) -> None:
    office.writes(120)
    given = environment(office.folder, settings_for(office.service.url, office.folder / "x"))
    given["IMPORTER_STORE"] = store = office.address.replace("postgres:@", "ana:@", 1)
    first = submit(office.folder / "june.xlsx", store, given)
    assert carried_out(store, first, given, office.folder).stop == "needs-approval 1"
    assert office.approves("rosa").code == 0
    office.sets(POLICY + "need = 2\n")
    assert carried_out(store, first, given, office.folder).stop == "needs-approval 2" and office.posted == 0
    office.writes(130)  # the newer version of the same workbook
    second = submit(office.folder / "june.xlsx", store, given)
    assert carried_out(store, second, given, office.folder).stop == "needs-approval 3"
    with closing(Database(store)) as database:
        bring_on_decided(database, waiting_for(""))
        assert find_submission(database, first).state is SubmissionState.WITHDRAWN
        assert find_submission(database, second).state is SubmissionState.APPROVAL
    assert office.approves("rosa", 2).code == 3 and office.approves("rosa", 3).code == 0
    assert office.approves("luis", 3).code == 0
    assert carried_out(store, second, given, office.folder).exit_code == 0 and office.posted == 1
