"""The faulty service does what it says: a judge that judges wrongly would prove nothing."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.contract.schemas import operation
from tests.fates import FATES_OF_POSTINGS, Fate
from tests.faulty_ledger import OtherLedger
from tests.faulty_service import FaultyService, faulty_service
from tests.sandbox.caller import NO_CERTIFICATES, comes_true

HEADERS = {"Authorization": "bearer token", "Content-Type": "application/json"}


def body(reference: str) -> bytes:
    lines = [dict(one) for one in operation("post_journal").request_examples["two_lines"]["requestPolicyDetails"]]
    for line in lines:
        line["treference"] = reference
    return json.dumps({"requestPolicyDetails": lines}).encode()


def post(service: FaultyService, path: str, content: bytes = b"", patience: float = 30) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=patience, verify=NO_CERTIFICATES) as http:
        return http.post(service.url + path, content=content, headers=HEADERS)


@pytest.fixture
def service() -> Iterator[FaultyService]:
    with faulty_service(others=False) as running:
        yield running


def is_clean_success(answer: httpx.Response) -> bool:
    try:
        return answer.status_code == 200 and "journalNumber" in json.loads(answer.content)["response"]
    except ValueError:
        return False


@pytest.mark.parametrize("fate", [one for one in FATES_OF_POSTINGS if one.kind != "drip"], ids=str)
def test_each_fate_commits_exactly_when_it_says_so_and_no_answer_is_a_clean_success(
    service: FaultyService, fate: Fate
) -> None:
    service.script = {"A": fate}
    try:
        answer = post(service, "/journal", body("A"), patience=0.3 if fate.kind == "hang" else 30)
        assert not is_clean_success(answer) and fate.status in (0, answer.status_code)
    except httpx.HTTPError:
        assert fate.kind in ("drop", "reset", "hang", "late", "late-in-its-place", "cut")
    # Who gave up waiting may have done so before the service was as far.
    assert comes_true(lambda: service.posted == (Counter(A=1) if fate.committed else Counter()))
    assert service.faults == []
    assert is_clean_success(post(service, "/journal", body("A")))


def test_a_drip_comes_byte_by_byte_after_the_commit(service: FaultyService) -> None:
    service.script = {"A": Fate("drip", committed=True)}
    with httpx.stream("POST", f"{service.url}/journal", content=body("A"), headers=HEADERS, trust_env=False) as answer:
        assert len(next(answer.iter_raw())) == 1
    assert service.posted == Counter(A=1)


def test_fates_follow_from_what_is_sent_and_not_from_the_order() -> None:
    bodies = [body(str(number)) for number in range(40)]
    one, other = (FaultyService(lambda _: None, seed=4, rate=0.5) for _ in range(2))
    drawn = {content: one.fate_of("post_journal", content) for content in bodies}
    assert {content: other.fate_of("post_journal", content) for content in reversed(bodies)} == drawn
    assert 10 < len(one.played) < 30


def test_a_journal_is_lost_in_doubt_once_at_most() -> None:
    service = FaultyService(lambda _: None, seed=4, rate=1.0)
    fates = [service.fate_of("post_journal", body("A")) for _ in range(200)]
    assert sum(fate is not None and fate.is_in_doubt for fate in fates) == 1


def test_a_late_journal_keeps_its_number_when_it_comes_in_its_place(service: FaultyService) -> None:
    service.script = {"A": Fate("late-in-its-place", committed=True), "B": Fate("late", committed=True)}
    service.late = 60.0
    for reference in "ABC":
        try:
            post(service, "/journal", body(reference))
        except httpx.HTTPError:
            continue
    assert [one.reference for one in service.ledger.ours] == ["C"]
    assert service.posted == Counter("ABC")
    assert [one.reference for one in service.ledger.ours] == ["A", "C", "B"]


@pytest.mark.parametrize("beyond", [200, 201])
def test_what_was_posted_is_read_back_and_beyond_it_is_nothing(service: FaultyService, beyond: int) -> None:
    service.beyond = beyond
    number = int(post(service, "/journal", body("A")).json()["response"]["journalNumber"])
    (journal,) = post(service, f"/journal/range/{number}/{number + 5}").json()["response"]
    first, second = (line["journalDetail"] for line in journal["lines"])
    sent = json.loads(body("A"))["requestPolicyDetails"]
    assert [(one["dc"], abs(one["amount"])) for one in (first, second)] == [
        (line["transaction"], float(Decimal(str(line["amount"])))) for line in sent
    ]
    assert first["amount"] + second["amount"] == 0 and min(first["amount"], second["amount"]) < 0
    assert first["treference"].rstrip() == "A" != first["treference"]
    nothing = post(service, f"/journal/range/{number + 1}/{number + 5}")
    assert nothing.status_code == beyond and nothing.json().get("response", []) == []
    asked = {"account": sent[0]["account"], "startDate": sent[0]["transDateTime"], "endDate": sent[0]["transDateTime"]}
    rows = post(service, "/cash-count", json.dumps(asked).encode()).json()["response"]
    assert {row["journalNo"] for row in rows} == {number}
    assert service.faults == []


def test_what_was_just_posted_may_not_be_shown_yet(service: FaultyService) -> None:
    service.lag = 60.0
    number = post(service, "/journal", body("A")).json()["response"]["journalNumber"]
    assert post(service, f"/journal/range/{number}/{number}").json()["response"] == []


def test_other_people_post_in_between_and_leave_gaps() -> None:
    ledger = OtherLedger(random.Random(1))
    lines: list[Any] = json.loads(body("A"))["requestPolicyDetails"]
    numbers = [ledger.book(lines, 0.0) for _ in range(100)]
    assert len(set(numbers)) == 100 == len(ledger.ours)
    references = Counter(one.reference for one in ledger.booked.values())
    assert references["A"] == 100 and references["OTHER"] > 20 and references["FEE"] > 3
    assert len(ledger.booked) < ledger.last - min(ledger.booked) + 1
