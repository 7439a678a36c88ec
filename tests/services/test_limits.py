"""How large an answer may be, and what reading a large one costs."""

import subprocess
import sys

import msgspec
import pytest

from importer.errors import AnswerUnclear, Effect
from importer.services.operations import LIST, MEGABYTE, OPERATIONS, RECORD
from importer.services.sunplusxtra.accounts import list_accounts
from importer.services.sunplusxtra.journals import get_journal_range, post_journal
from importer.translations import Language, sentence_of
from tests.contract.schemas import operation
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service, reply

TOO_LARGE = b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n{" % (LIST + 1)


def test_a_login_and_a_post_answer_a_megabyte_at_most_and_lists_64() -> None:
    assert (RECORD, LIST) == (MEGABYTE, 64 * MEGABYTE)
    most = {name: one.most for name, one in OPERATIONS.items()}
    assert {most[name] for name in ("login", "get_company", *(n for n, one in OPERATIONS.items() if one.is_write))} == {
        RECORD
    }
    assert {most[name] for name in OPERATIONS if name.startswith("list_")} == {LIST}
    assert most["get_journal_range"] == most["get_cash_count"] == most["print_journal"] == LIST


def test_a_post_whose_answer_is_too_large_is_in_doubt_and_not_sent_again() -> None:
    large = reply(200, b" " * (MEGABYTE + 1))
    with odd_service(large) as service, pytest.raises(AnswerUnclear, match="too-large") as caught:
        post_journal(session_at(service.url), {})
    assert len(service.requests) == 2 and caught.value.effect is Effect.UNKNOWN


def test_a_list_that_is_too_large_is_reported_and_not_asked_for_again() -> None:
    with odd_service(TOO_LARGE) as service, pytest.raises(AnswerUnclear) as caught:
        list_accounts(session_at(service.url))
    assert len(service.requests) == 2
    assert "64 MB" in sentence_of(caught.value, Language.EN)


def journals(*numbers: int) -> bytes:
    sample = next(iter(operation("get_journal_range").answer_examples[200].values()))
    line = sample["response"][0]["lines"][0]["journalDetail"]
    rows = [{"lines": [{"journalDetail": line | {"jrnalNo": number}}]} for number in numbers]
    return reply(200, msgspec.json.encode({"response": rows}))


def test_a_range_that_is_too_large_is_asked_for_in_halves() -> None:
    answers = (TOO_LARGE, journals(10, 11), TOO_LARGE, journals(12), journals(13))
    with odd_service(*answers) as service:
        lines = get_journal_range(session_at(service.url), 10, 13)
    assert [line.journal_number for line in lines] == [10, 11, 12, 13]
    asked = [request.split(b" ")[1].rpartition(b"range/")[2].decode() for request in service.requests[1:]]
    assert asked == ["10/13", "10/11", "12/13", "12/12", "13/13"]


def test_one_journal_that_is_too_large_is_reported() -> None:
    with odd_service(TOO_LARGE, TOO_LARGE) as service, pytest.raises(AnswerUnclear, match="too-large"):
        get_journal_range(session_at(service.url), 10, 11)
    assert len(service.requests) == 3


MEASURED = """
import sys
from importer.model.secrets import Secret
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from importer.services.sunplusxtra.{module} import {name}
from tests.services.memory import most_memory

credentials = Credentials("treasurer", Secret("password"), "treasurer@example.org", Secret("key"))
session = Session(HttpClient(sys.argv[1], 120), credentials, lambda _: None)
session.log_in()
before = most_memory()
rows = {name}(session{arguments})
print(sum(row is not None for row in rows), most_memory() - before)
"""


@pytest.mark.parametrize(
    ("name", "module", "arguments"),
    [
        ("list_accounts", "accounts", ""),
        ("get_journal_range", "journals", ", 1, 9"),
        ("list_employee_groups", "people", ", 27"),
    ],
)
def test_reading_10_megabytes_takes_at_most_four_times_as_much_memory(name: str, module: str, arguments: str) -> None:
    sample = next(iter(operation(name).answer_examples[200].values()))
    row = msgspec.json.encode(sample["response"][0])
    count = 10 * MEGABYTE // (len(row) + 1)
    body = b'{"message": "m", "response": [' + b",".join([row] * count) + b"]}"
    with odd_service(reply(200, body)) as service:
        program = MEASURED.format(name=name, module=module, arguments=arguments)
        done = subprocess.run(
            [sys.executable, "-c", program, service.url], capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 0, done.stderr
    rows, grown = map(int, done.stdout.split())
    assert rows >= count and grown < 4 * len(body)
