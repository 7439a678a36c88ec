"""Each fault on the wire itself."""

import json
from typing import Any

import httpx
import pytest

from importer.sandbox import running
from tests.faults import Fault, FaultScript, Rule, play
from tests.faults.faults import KINDS
from tests.faults.raw_wire import playing
from tests.sandbox.caller import PATIENCE, journal

DAY = {"account": "371110", "startDate": "2018-07-21", "endDate": "2018-07-21"}


def once(kind: str, **settings: Any) -> FaultScript:
    return FaultScript((Rule((Fault(kind, **settings),), frozenset({"post_journal"}), nth={1}),))


def parsed(answer: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in lines)
    assert headers[b"x-importer-sandbox"]
    return int(first.split()[1]), headers, body


@pytest.mark.parametrize("committed", [False, True])
def test_a_dropped_answer_is_no_byte(committed: bool) -> None:
    with playing(once("drop", committed=committed)) as raw:
        assert raw.journal() == b"" and raw.lost == [] and raw.posted == committed
        assert parsed(raw.journal())[0] == 200 and raw.posted == committed + 1
    assert " /journal - post_journal " in raw.log_lines[0] and raw.log_lines[0].endswith(
        f"ms fault: drop committed={str(committed).lower()}\n"
    )
    assert "fault" not in raw.log_lines[1]


@pytest.mark.parametrize("committed", [False, True])
def test_a_reset_is_a_reset(committed: bool) -> None:
    with playing(once("reset", committed=committed)) as raw:
        assert raw.journal() == b"" and raw.lost == [ConnectionResetError] and raw.posted == committed


def test_a_late_commit_is_seen_when_its_time_has_come_and_not_before() -> None:
    with playing(once("late", seconds=30)) as raw:
        assert raw.journal() == b"" and raw.posted == 0
        raw.now[0] = 29.9
        assert raw.caller.post("/journal/range/5329/5330").response == []
        raw.now[0] = 30
        assert [one["jrnalNo"] for one in raw.caller.post("/journal/range/5329/5330").response] == [5329]
        assert raw.posted == 1


def test_late_commits_come_in_the_order_of_their_times_and_can_be_had_at_once() -> None:
    late = tuple(
        Rule((Fault("late", seconds=seconds),), frozenset({"post_journal"}), nth={n})
        for n, seconds in ((1, 9), (2, 5), (3, 700))
    )
    with playing(FaultScript(late)) as raw:
        for mark in "abc":
            raw.post("/journal", journal(description=mark))
        raw.now[0] = 10
        raw.caller.get("/company")
        raw.player.do_later_work()
        journals = raw.sandbox.company.ledger.journals
        assert [journals[number].lines[0].description for number in (5329, 5330, 5331)] == ["b", "a", "c"]


def test_a_cut_answer_is_shorter_than_its_length() -> None:
    with playing(once("cut")) as raw:
        status, headers, body = parsed(raw.journal())
        assert status == 200 and 0 < len(body) < int(headers[b"content-length"]) and raw.posted == 1


def test_a_torn_answer_looks_whole_and_is_no_json() -> None:
    with playing(once("torn")) as raw:
        status, headers, body = parsed(raw.journal())
        assert status == 200 and b"content-length" not in headers and b"transfer-encoding" not in headers
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
        assert raw.posted == 1


def test_a_drip_brings_the_whole_answer_bit_by_bit() -> None:
    with playing(once("drip", seconds=0.0005)) as raw:
        status, headers, body = parsed(raw.journal())
        assert status == 200 and len(body) == int(headers[b"content-length"])
        assert json.loads(body)["response"]["journalNumber"] == "5329"


def test_a_drip_ends_when_nobody_listens() -> None:
    with playing(once("drip", seconds=3600)) as raw:
        with raw.connected("/journal", journal()) as connection:
            assert connection.recv(100) == b"H"
        assert raw.posted == 1
    assert "fault: drip seconds=3600" in raw.log_lines[0]


@pytest.mark.parametrize("committed", [False, True])
def test_a_slow_answer_comes_only_when_the_work_was_done(committed: bool) -> None:
    with playing(once("slow", seconds=0.01, committed=committed)) as raw:
        answer = raw.journal()
        assert (answer == b"") is not committed and raw.posted == committed


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("status", [200, 502])
def test_a_page_comes_with_its_status(status: int, committed: bool) -> None:
    with playing(once("html", status=status, committed=committed)) as raw:
        answered, headers, body = parsed(raw.journal())
        assert answered == status and headers[b"content-type"].startswith(b"text/html") and body.startswith(b"<html>")
        assert raw.posted == committed


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("code", ["201", "202", "203", "299"])
def test_a_failure_has_its_code_and_no_lines(code: str, committed: bool) -> None:
    with playing(once("failure", code=code, committed=committed)) as raw:
        answer = raw.caller.send("POST", "/journal", journal(), is_documented=code != "299")
        assert (answer.status, answer.code, raw.posted) == (201, code, committed)
        assert answer.body["error"] is True and "linesError" not in answer.body


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("status", [202, 204, 205, 206, 299, 404, 503])
def test_other_statuses_come_either_way(status: int, committed: bool) -> None:
    with playing(once("status", status=status, committed=committed)) as raw:
        answered, _, body = parsed(raw.journal())
        assert answered == status and (body == b"") is (status in (204, 205)) and raw.posted == committed
        assert (b"journalNumber" in body) is (committed and bool(body))


@pytest.mark.parametrize(("kind", "status"), [("token-rejected", 220), ("user-gone", 221)])
def test_a_refusal_at_the_door_leaves_nothing_behind_and_happens_once(kind: str, status: int) -> None:
    with playing(once(kind)) as raw:
        refused = raw.caller.post("/journal", journal())
        assert refused.status == status and refused.body.keys() == {"message", "error"} and raw.posted == 0
        assert raw.caller.post("/journal", journal()).status == 200


def test_the_live_dialect_rejects_a_token_in_its_own_way() -> None:
    with running(dialect="live") as sandbox:
        player = play(sandbox, "[[fault]]\nkind = 'token-rejected'\noperation = 'list_journal_types'")
        refused = httpx.get(f"{sandbox.address.spx_url}/journal/type-list", trust_env=False, timeout=PATIENCE)
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthenticated."})
    assert player.played == [("list_journal_types", Fault("token-rejected"))]


@pytest.mark.parametrize("committed", [False, True])
def test_a_redirect_leads_to_the_same_address(committed: bool) -> None:
    with playing(once("redirect", status=308, committed=committed)) as raw:
        status, headers, body = parsed(raw.journal())
        assert (status, body, raw.posted) == (308, b"", committed)
        assert headers[b"location"].decode() == f"{raw.sandbox.address.spx_url}/journal"


def test_too_many_tells_how_long_to_wait() -> None:
    with playing(once("too-many", seconds=1.5)) as raw:
        status, headers, _ = parsed(raw.journal())
        assert (status, headers[b"retry-after"], raw.posted) == (429, b"2", 0)


def test_lists_lag_behind_and_catch_up() -> None:
    with playing("[[fault]]\nkind = 'lag'\nseconds = 30") as raw:
        known = len(raw.caller.post("/cash-count", DAY).response)
        changes: dict[str, object] = {"account": "371110", "transDateTime": "2018-07-21"}
        for now in (0.0, 20.0):
            raw.now[0] = now
            posted = raw.caller.post("/journal", journal(changes)).response["journalNumber"]
        seen = []
        for now in (20.0, 30.0, 50.0):
            raw.now[0] = now
            journals = raw.caller.post("/journal/range/5329/5340").response
            seen.append((len(journals), len(raw.caller.post("/cash-count", DAY).response) - known))
        assert (posted, seen) == ("5330", [(0, 0), (1, 1), (2, 2)])
        assert raw.posted == 2


def test_a_late_commit_begins_to_lag_when_it_is_done() -> None:
    script = "[[fault]]\nkind='late'\nseconds=10\noperation='post_journal'\n[[fault]]\nkind='lag'\nseconds=5"
    with playing(script) as raw:
        raw.journal()
        seen = []
        for now in (10.0, 14.9, 15.0):
            raw.now[0] = now
            seen.append(len(raw.caller.post("/journal/range/5329/5340").response))
        assert seen == [0, 0, 1]


def test_a_lost_answer_of_sovos_is_lost_too() -> None:
    with playing("[[fault]]\noperation = 'POST /api/rest/Timbre/saldos'\nkind = 'html'\nstatus = 503") as raw:
        assert raw.caller.http.post(f"{raw.sandbox.address.sovos_url}/api/rest/Timbre/saldos").status_code == 503


def test_every_kind_is_played_by_name_and_told_in_the_log() -> None:
    rules = tuple(
        Rule((kind.usual,), frozenset({"get_cash_count"}), nth={number})
        for number, kind in enumerate(KINDS.values(), 1)
        if kind.usual.kind not in ("drip", "slow")
    )
    with playing(FaultScript(rules)) as raw:
        for _ in KINDS:
            raw.post("/cash-count", DAY)
        played = [fault.kind for _, fault in raw.player.played]
    assert played == [kind for kind in KINDS if kind not in ("drip", "slow")]
    logged = [line.split(" fault: ")[1].split()[0] for line in raw.log_lines if " fault: " in line]
    assert logged == played
