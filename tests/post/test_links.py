"""Files are linked once each, on disk before they leave; what nobody knows is said and never repeated."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.model.postings import FileLink, LinkState
from importer.model.problems import Place
from importer.post.attachments import (
    AttachmentContext,
    exit_code_of_links,
    files_to_link,
    link_files,
    problem_of,
    reason_words,
)
from importer.sandbox import Sandbox
from importer.services.http import Request, Response
from importer.services.session import Session
from importer.store.database import Database
from importer.store.runs import LinkedFileStore
from importer.translations import Language
from tests.post.conftest import session_with
from tests.post.journals import journal, reordered
from tests.services.conftest import CREDENTIALS, session_at
from tests.services.odd_service import odd_service, reply

LINKED = reply(200, b'{"message": "linked", "fileKey": "1746602768625"}')
DOUBTFUL = reply(201, b'{"message": "m", "code": "203", "description": "failed", "error": true}')
NO_LOGIN = reply(220, b'{"message": "m", "error": true}')


@pytest.fixture
def store(database: Database) -> LinkedFileStore:
    return LinkedFileStore(database, "practice/5", "run-1")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"bill{number}.pdf" for number in range(6)]
    for file in found:
        file.write_bytes(b"%PDF-" + file.name.encode())
    return found


def context_with(
    session: Session, store: LinkedFileStore, *, again: bool = False, private: bool = True
) -> AttachmentContext:
    return AttachmentContext(session, store, again=again, private=private)


def wanted(*files: Path, line: int | None = None, number: int = 5326) -> list[FileLink]:
    return [FileLink(str(file), number, line) for file in files]


def outcomes(linked: list[FileLink]) -> list[str]:
    return [one.outcome.value for one in linked]


def states(store: LinkedFileStore) -> list[str]:
    return [one.state.value for one in store.of_journal(5326)]


def test_each_file_is_linked_to_its_line_and_its_key_is_kept(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    linked = link_files([*wanted(files[0], line=2), *wanted(files[1])], context_with(session_with(sandbox), store))
    assert outcomes(linked) == ["linked", "linked"] and exit_code_of_links(linked) == 0
    there = {document.file_key: (document.journal, document.line) for document in sandbox.company.documents.values()}
    assert [there[one.file_key or ""] for one in linked] == [(5326, 2), (5326, None)]
    assert [one.file_key for one in store.of_journal(5326)] == [one.file_key for one in linked]


def test_files_are_private_unless_told_otherwise(sandbox: Sandbox, store: LinkedFileStore, files: list[Path]) -> None:
    session = session_with(sandbox)
    (first,) = link_files(wanted(files[0]), context_with(session, store))
    (second,) = link_files(wanted(files[1]), context_with(session, store, private=False))
    documents = sandbox.company.documents
    assert documents[first.file_key or ""].private and not documents[second.file_key or ""].private


def test_a_second_time_nothing_is_sent_unless_wanted_again(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    session = session_with(sandbox)
    (first,) = link_files(wanted(files[0]), context_with(session, store))
    (second,) = link_files(wanted(files[0]), context_with(session, store))
    assert (second.outcome, second.file_key) == (LinkState.ALREADY_LINKED, first.file_key)
    assert sandbox.calls["link_document"] == 1 and exit_code_of_links([second]) == 0
    (third,) = link_files(wanted(files[0]), context_with(session, store, again=True))
    assert third.outcome is LinkState.LINKED and third.file_key != first.file_key


def test_a_refused_file_does_not_keep_the_others_from_being_linked(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    linked = link_files([*wanted(files[0], line=99), *wanted(files[1])], context_with(session_with(sandbox), store))
    assert outcomes(linked) == ["refused", "linked"] and exit_code_of_links(linked) == 1
    assert "204" in reason_words(linked[0].reason, Language.EN)
    assert states(store) == ["refused", "linked"]


def test_a_file_that_is_gone_or_changed_by_now_is_refused_without_being_sent(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    files[0].unlink()
    files[1].write_bytes(b"<html>")
    linked = link_files(wanted(*files[:2]), context_with(session_with(sandbox), store))
    assert outcomes(linked) == ["refused", "refused"] and states(store) == []
    assert sandbox.calls["link_document"] == 0
    assert all(file.name in reason_words(one.reason, Language.ES) for file, one in zip(files, linked, strict=False))


@pytest.mark.parametrize("answer", [None, DOUBTFUL, reply(502, b"<html>"), reply(200, b"{}"), LINKED[:-10]])
def test_a_lost_answer_is_unknown_and_is_never_repeated(
    answer: bytes | None, store: LinkedFileStore, files: list[Path]
) -> None:
    with odd_service(answer, LINKED, LINKED) as service:
        session = session_at(service.url, 60)
        first = link_files(wanted(files[0]), context_with(session, store))
        second = link_files(wanted(files[0], files[1]), context_with(session, store))
    assert outcomes(first) == ["unknown"] and exit_code_of_links(first) == 4
    assert outcomes(second) == ["unknown", "linked"] and states(store) == ["unknown", "linked"]
    assert len([request for request in service.requests if b"/edocs" in request]) == 2
    assert "--again" in reason_words(second[0].reason, Language.FR)


def test_a_file_that_a_dead_program_was_sending_is_unknown(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    sha256 = hashlib.sha256(files[0].read_bytes()).hexdigest()
    store.claim(wanted(files[0])[0], sha256, datetime.now(UTC))
    linked = link_files(wanted(files[0]), context_with(session_with(sandbox), store))
    assert outcomes(linked) == ["unknown"] and states(store) == ["sending"]
    assert sandbox.calls["link_document"] == 0


def test_an_interrupted_sending_is_unknown_and_the_rest_stays(store: LinkedFileStore, files: list[Path]) -> None:
    def exchange(request: Request) -> Response:
        if request.path == "/login":
            return Response(200, b'{"access_token": "t"}')
        raise KeyboardInterrupt

    session = Session(exchange, CREDENTIALS, lambda _: None)
    linked = link_files(wanted(*files[:2]), context_with(session, store))
    assert outcomes(linked) == ["unknown", "not_sent"] and exit_code_of_links(linked) == 4
    assert states(store) == ["unknown"]
    assert linked[0].reason != linked[1].reason


def test_three_unknowns_in_a_row_keep_the_rest_from_being_sent(store: LinkedFileStore, files: list[Path]) -> None:
    with odd_service(None, LINKED, None, None, None, LINKED) as service:
        linked = link_files(wanted(*files), context_with(session_at(service.url, 60), store))
    assert outcomes(linked) == ["unknown", "linked", "unknown", "unknown", "unknown", "not_sent"]


def test_a_service_out_of_reach_sends_nothing_and_a_later_try_does(
    sandbox: Sandbox, store: LinkedFileStore, files: list[Path]
) -> None:
    with odd_service(LINKED) as service:
        session = session_at(service.url, 60)
        link_files(wanted(files[2]), context_with(session, store))
    linked = link_files(wanted(*files[:2]), context_with(session, store))
    assert outcomes(linked) == ["not_sent", "not_sent"] and exit_code_of_links(linked) == 1
    assert states(store) == ["linked", "refused"]
    again = link_files(wanted(*files[:2]), context_with(session_with(sandbox), store))
    assert outcomes(again) == ["linked", "linked"]


def test_a_session_that_is_over_stops_the_rest(store: LinkedFileStore, files: list[Path]) -> None:
    with odd_service(NO_LOGIN, NO_LOGIN, LINKED) as service:
        linked = link_files(wanted(*files[:3]), context_with(session_at(service.url, 60), store))
    assert outcomes(linked) == ["not_sent"] * 3 and len(service.answers) == 1


def test_ctrl_c_between_two_files_stops_the_rest(sandbox: Sandbox, store: LinkedFileStore, files: list[Path]) -> None:
    told: list[int] = []
    context = AttachmentContext(session_with(sandbox), store, lambda: told.append(1), lambda: len(told))
    assert outcomes(link_files(wanted(*files[:3]), context)) == ["linked", "not_sent", "not_sent"]


def test_a_key_that_the_store_cannot_take_is_told_all_the_same(
    sandbox: Sandbox, store: LinkedFileStore, database: Database, files: list[Path]
) -> None:
    with database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON linked_files BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    linked = link_files(wanted(*files[:2]), context_with(session_with(sandbox), store))
    assert outcomes(linked) == ["linked", "not_sent"] and linked[0].file_key in sandbox.company.documents
    assert "disk full" in reason_words(linked[0].reason, Language.EN)
    assert states(store) == ["sending"]


def test_a_store_that_cannot_be_written_sends_nothing(
    sandbox: Sandbox, store: LinkedFileStore, database: Database, files: list[Path]
) -> None:
    with database.transaction() as connection:
        connection.execute("DROP TABLE linked_files")
    assert outcomes(link_files(wanted(*files[:2]), context_with(session_with(sandbox), store))) == ["not_sent"] * 2
    assert sandbox.calls["link_document"] == 0


def test_the_files_of_rows_go_to_the_lines_as_they_travel(files: list[Path]) -> None:
    one = reordered(journal())
    rows = [line.row for line in one.lines]
    names = [str(file) for file in files]
    found = files_to_link(one, 5326, {rows[0]: names[:2], rows[1]: names[2:3], 99: names[3:]})
    assert [(Path(each.file).name, each.line) for each in found] == [
        ("bill0.pdf", 1),
        ("bill1.pdf", 1),
        ("bill2.pdf", 2),
    ]


@pytest.mark.parametrize("outcome", sorted(set(LinkState) - {LinkState.SENDING, LinkState.REMOVED}))
def test_only_what_is_not_linked_is_a_problem_and_none_of_them_blocks(outcome: LinkState) -> None:
    linked = FileLink("june/bill.pdf", 5326, 2, outcome, reason=("code", {"code": "203", "answer": "<b>no"}))
    problem = problem_of(linked, Place("june.xlsx", "Journals", 6, "D", "attachment"), "J1", Language.EN)
    if outcome in (LinkState.LINKED, LinkState.ALREADY_LINKED):
        assert problem is None
    else:
        assert problem is not None and not problem.blocks
        assert problem.facts["name"] == "bill.pdf" and "<b>no" in problem.facts["reason"]
