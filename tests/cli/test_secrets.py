"""A service that quotes what it was sent, in whatever spelling and under whatever status, is never quoted with it."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import asking
from tests.cli.commands import Ended, importer, settings_for
from tests.cli.workbooks import line, write
from tests.independent_service import IndependentService, independent_service
from tests.services.odd_service import odd_service, reply
from tests.spelled_secrets import spellings_of

PASSWORD, KEY = 'cañaría-"ÄSS"\\w/ö', "the-canary+key/9="
TOKENS = ("0canary0token0of0the0first0login0", "1canary1token1of1the1second1login1")
ALL = (PASSWORD, KEY, *TOKENS)

Answers = Callable[[str, str, Mapping[str, str], bytes], tuple[int, object]]


def quoting(spelling: int, secrets: Sequence[str] = ALL) -> str:
    """A text with these secrets, each in its spelling of that number."""
    return " and ".join(spellings_of(secret)[spelling] for secret in secrets)


def secrets_in(ended: Ended, folder: Path) -> list[str]:
    """Every spelling of a secret that was shown, or stands in a file that was left: store, page, workbooks."""
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    shown = ended.out + ended.err
    spelled = {one for secret in ALL for one in spellings_of(secret)}
    # Stored and printed texts may be JSON again, or a Python repr.
    spelled |= {json.dumps(one)[1:-1] for one in spelled} | {repr(one)[1:-1] for one in spelled}
    return sorted(one for one in spelled if one in shown or one.encode() in kept)


def answering(service: IndependentService, posts: list[tuple[int, object] | None]) -> Answers:
    """The service with new tokens, whose answers to posts are those; for None, and afterwards, it posts."""
    known = service.answer

    def answer(method: str, target: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, object]:
        if target == "/login":
            service.logins += 1
            return 200, {"access_token": TOKENS[min(service.logins, len(TOKENS)) - 1]}
        if (method, target) == ("POST", "/journal") and posts and (scripted := posts.pop(0)) is not None:
            return scripted
        return known(method, target, headers, raw)

    return answer


def failing(status: int, code: str | None = None, **members: Any) -> tuple[int, object]:
    told = {"message": quoting(0), "description": quoting(1), "code": code, "error": True}
    return status, told | members


def lines_error(spellings: range) -> list[dict[str, object]]:
    return [{"line": 1, "message": f"You sent {quoting(number)}"} for number in spellings]


COUNT = len(spellings_of(PASSWORD))
NEW_LOGIN: tuple[int, object] = (220, {"message": quoting(0), "error": True})
"""Both tokens are secrets from here on."""

REFUSED: list[tuple[int, object] | None] = [
    NEW_LOGIN,
    *(failing(201, "201", linesError=lines_error(range(first, min(first + 8, COUNT)))) for first in range(0, COUNT, 8)),
    failing(201, "203", linesError=lines_error(range(2))),
    failing(201, quoting(0), linesError=lines_error(range(2))),
]
UNKNOWN = [
    *(failing(status) for status in (200, 202, 302, 404, 500)),
    failing(201, "203"),
    (502, f"<html>{quoting(10)}</html>"),
]


def run(tmp_path: Path, posts: list[tuple[int, object] | None], journals: int) -> Ended:
    """Posts so many journals, one at a time, and tells with a traceback where it can."""
    rows = [line(f"J{one}", side, 5 + one) for one in range(journals) for side in ("D", "C")]
    write(tmp_path / "june.xlsx", rows)
    with independent_service() as service:
        service.answer = answering(service, posts)  # type: ignore[method-assign, assignment]  # its handler asks for it each time
        settings = settings_for(service.url, tmp_path / "s.db") | {"SPX_PASSWORD": PASSWORD, "SPX_API_KEY": KEY}
        words = ("--json", "--debug", "--yes", "--no-wait", "--no-look", "--concurrency", "1")
        return importer("run", "june.xlsx", *words, folder=tmp_path, **settings)


def test_refusals_are_told_without_the_secrets_that_they_quote(tmp_path: Path) -> None:
    ended = run(tmp_path, list(REFUSED), len(REFUSED) - 1)
    assert ended.result["totals"]["refused"] == len(REFUSED) - 1 and "***" in ended.out
    assert secrets_in(ended, tmp_path) == []


def test_unclear_answers_are_told_and_kept_without_the_secrets_that_they_quote(tmp_path: Path) -> None:
    posts = [answer for unclear in UNKNOWN for answer in (None, unclear)]  # three in a row would stop the run
    ended = run(tmp_path, [NEW_LOGIN, *posts], len(posts))
    assert ended.result["totals"]["unknown"] == len(UNKNOWN)
    assert secrets_in(ended, tmp_path) == []


@pytest.mark.parametrize("spelling", [0, 1])
@pytest.mark.parametrize("status", [200, 201, 203, 221, 301, 403, 503])
def test_a_command_that_fails_tells_no_secret_even_with_a_traceback(
    status: int,
    spelling: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    said = quoting(spelling, (PASSWORD, KEY, TOKENS[0]))
    body = {"message": said, "code": "203", "error": True, "response": said}
    answer = reply(status, json.dumps(body).encode())
    with odd_service(reply(200, b'{"access_token": "%b"}' % TOKENS[0].encode()), *[answer] * 3) as service:
        service.grants_logins = False
        settings = settings_for(service.url, tmp_path / "s.db") | {"SPX_PASSWORD": PASSWORD, "SPX_API_KEY": KEY}
        told = asking(settings, tmp_path, monkeypatch, capsysbinary)("get", "company", "--debug")
    ended = Ended(told.code, told.out.decode(), told.err)
    assert "Traceback" in ended.err and ended.code == 3 and secrets_in(ended, tmp_path) == []


def test_what_a_library_could_not_read_is_not_in_the_traceback(tmp_path: Path) -> None:
    row = {"journalNo": 1, "transDateTime": quoting(0)}
    with odd_service(reply(200, json.dumps({"response": [row]}).encode())) as service:
        settings = settings_for(service.url, tmp_path / "s.db") | {"SPX_PASSWORD": PASSWORD, "SPX_API_KEY": KEY}
        words = ("get", "cash-count", "--account", "1", "--from", "2018-06-01", "--to", "2018-06-30", "--debug")
        ended = importer(*words, folder=tmp_path, **settings)
    assert ended.code == 3 and "Invalid isoformat string" in ended.err
    assert PASSWORD not in ended.err and repr(PASSWORD)[1:-1] not in ended.err and KEY not in ended.err


def test_a_password_of_digits_blanks_no_period_and_no_number(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", 2018), line("A", "C", 2018)])
    refusal = [{"line": 1, "message": "period 2018006 is closed, not 2018"}]
    with independent_service() as service:
        service.answer = answering(service, [failing(201, "201", linesError=refusal)])  # type: ignore[method-assign, assignment]
        settings = settings_for(service.url, tmp_path / "s.db") | {"SPX_PASSWORD": "2018"}
        ended = importer("run", "june.xlsx", "--json", folder=tmp_path, **settings)
    (document,) = ended.result["documents"]
    assert (document["period"], document["debit"]) == ("2018006", "2018.00")
    assert any("period 2018006 is closed, not ***" in one["message"] for one in ended.result["problems"])
