"""Whatever is asked of any operation, the answer is a documented one and the books stay in order."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.sandbox import Sandbox
from tests.contract.schemas import Parameter, faults_of_request, operation, operation_ids
from tests.sandbox.caller import Caller, journal, judged
from tests.sandbox.examples import SOVOS_PATH

FORMS = ("login", "link_document")
OTHERS = [one for one in operation_ids("sunplusxtra") if one not in FORMS]
ANYHOW = settings(suppress_health_check=[*HealthCheck])
FEW = settings(ANYHOW, max_examples=ANYHOW.max_examples // 3)
"""For each of the operations."""


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CODES = "101110|101110 NF|641110|642198|111160|122190|651110|10|90|NF|1001|*|DP0121|ADMIN01|NEW|4536789123|27|JV|PC|XX"
VALUES = "MXN1|USD1|C|D|5326|5588|1258|2018006|2018013|2019001|2021001|2018-06-30|2018-06-31|0001-01-01"
NUMBERS: list[object] = [0, 1, 2, -1, 0.1, 1.005, 1e300, 5326, 40000, 10**16, 10**400, True]
TEXTS = st.sampled_from([*CODES.split("|"), *VALUES.split("|"), "", " ", "%", "9" * 30, "é\u0301\x00"])
LIVELY: st.SearchStrategy[Any] = TEXTS | st.sampled_from([*NUMBERS, None, [], {}])


@st.composite
def bodies(draw: st.DrawFn, operation_id: str) -> Any:
    """Bodies for an operation that has a JSON body: its example with up to three members changed, or no such thing at
    all."""
    body = dict(draw(st.sampled_from(list(operation(operation_id).request_examples.values()))))
    for name in draw(st.lists(st.sampled_from([*body, "unknown"]), max_size=3)):
        body[name] = draw(LIVELY | JSON)
    return draw(st.just(body) | st.just(body) | JSON | st.binary(max_size=30) | st.none())


def is_valid_parameter(one: Parameter, text: str | None) -> bool:
    """Whether the contract takes this text; None is a missing parameter."""
    schema = one.schema
    if text is None:
        return not one.is_required
    if schema["type"] == "integer":
        return re.fullmatch("-?[0-9]+", text) is not None
    return (
        len(text) >= schema.get("minLength", 0)
        and text in schema.get("enum", [text])
        and re.search(schema.get("pattern", ""), text) is not None
    )


@st.composite
def parameters(draw: st.DrawFn, operation_id: str) -> dict[str, str | None]:
    """A text or None (only outside the path) for each parameter, by name; headers are left alone."""
    texts: dict[str, str | None] = {}
    for one in operation(operation_id).parameters:
        right = st.just(str(one.example))
        some = right | right | TEXTS | st.text(max_size=10)
        if one.place == "path":  # an empty segment, or dots, would be another path
            texts[one.name] = draw(some.filter(lambda text: text not in ("", ".", "..")))
        elif one.place == "query":
            texts[one.name] = draw(some | st.none())
    return texts


def in_bytes(value: object) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()


def is_json(sent: bytes | None) -> bool:
    try:
        json.loads(sent or b"")
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("operation_id", OTHERS)
@FEW
@given(data=st.data())
def test_any_request_is_answered_as_documented(
    sandbox: Sandbox, caller: Caller, operation_id: str, data: st.DataObject
) -> None:
    found = operation(operation_id)
    texts = data.draw(parameters(operation_id))
    has_body = found.request_schema is not None
    sent = data.draw(bodies(operation_id) if has_body else st.sampled_from([None, None, {}]) | JSON)
    path = found.path
    for name in texts:
        path = path.replace("{" + name + "}", quote(texts[name] or "", safe=""))
    query = {name: text for name, text in texts.items() if "{" + name + "}" not in found.path and text is not None}
    content = in_bytes(sent)
    answer = caller.http.request(
        found.method,
        path,
        content=content,
        params=query or None,
        headers={"Authorization": caller.authorization, "Content-Type": "application/json"},
    )
    status, told = judged(operation_id, answer)
    assert status in (200, 201)
    is_right = all(is_valid_parameter(one, texts[one.name]) for one in found.parameters if one.name in texts)
    if has_body:
        is_right = is_right and is_json(content) and faults_of_request(operation_id, json.loads(content or b"")) == []
    if not is_right:
        assert status == 201, told
    assert sum(one.line.amount for one in sandbox.company.ledger.all_movements()) == 0


@FEW
@given(sent=bodies("login"), header=st.text(st.characters(codec="latin-1", exclude_categories=["C"])) | st.none())
def test_any_login_is_let_in_or_221(caller: Caller, sent: Any, header: str | None) -> None:
    key = f"Bearer {caller.address.api_key}" if header is None else header.strip()
    headers = [(b"API-Key", key.encode("latin-1")), (b"Content-Type", b"application/json")]
    status, _ = judged("login", caller.http.post("/login", content=in_bytes(sent), headers=headers))
    assert status == 221  # nothing generated is the password


@FEW
@given(
    journal=st.sampled_from(["1258", "5588", "5329", "0", "x", "", "9" * 30]),
    line=st.sampled_from([None, "1", "3", "4", "x", ""]),
    name=st.sampled_from(["a.pdf", "a.PNG", "b.exe", "c", "d/e.pdf"]) | st.text(max_size=8),
    content=st.binary(max_size=50),
    private=st.sampled_from(["true", "false", "yes", ""]),
    extra=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=1),
)
def test_any_upload_is_answered_as_documented(
    caller: Caller, journal: str, line: str | None, name: str, content: bytes, private: str, extra: dict[str, str]
) -> None:
    parts: dict[str, object] = {"journalNumber": journal, "lineNumber": line, "private": private, **extra}
    answer = caller.upload(file=(name, content), **parts)
    assert answer.status in (200, 201)
    if extra or private not in ("true", "false") or not journal.isdigit() or line == "x":
        assert answer.code == "206"


@FEW
@given(content=st.binary(max_size=80), boundary=st.text("abc-'()+_,./:=? ", max_size=20))
def test_any_bytes_as_a_form_are_answered_as_documented(caller: Caller, content: bytes, boundary: str) -> None:
    media_type = f'multipart/form-data; boundary="{boundary}"'
    framed = b"--" + boundary.encode() + b"\r\n" + content + b"\r\n--" + boundary.encode() + b"--\r\n"
    for sent in (content, framed):
        headers = {"Authorization": caller.authorization, "Content-Type": media_type}
        answer = judged("link_document", caller.http.post("/edocs", content=sent, headers=headers))
        assert answer.code == "206"


@pytest.mark.parametrize("operation_id", operation_ids("sovos"))
@FEW
@given(data=st.data())
def test_any_question_to_sovos_is_answered_as_documented(
    caller: Caller, operation_id: str, data: st.DataObject
) -> None:
    sent = data.draw(bodies(operation_id))
    content = in_bytes(sent) or b""
    answer = caller.ask_sovos(operation(operation_id).path.removeprefix(SOVOS_PATH), content)
    assert answer.status_code in (200, 400)
    if not is_json(content) or faults_of_request(operation_id, json.loads(content)):
        assert answer.status_code == 400


MEMBERS = [*journal()["requestPolicyDetails"][0], "funcion", "description26", ""]
CHANGE = st.tuples(st.integers(0, 2), st.sampled_from(MEMBERS), st.sampled_from(["set", "drop"]), LIVELY | JSON)


def mutate(changes: list[tuple[int, str, str, Any]], copies: int) -> dict[str, Any]:
    body = journal()
    lines = body["requestPolicyDetails"]
    for _ in range(copies):
        lines.extend({**line, "line": line["line"] + len(lines)} for line in journal()["requestPolicyDetails"])
    for place, member, kind, value in changes:
        line = lines[place % len(lines)]
        if kind == "drop":
            line.pop(member, None)
        else:
            line[member] = value
    return body


@ANYHOW
@given(changes=st.lists(CHANGE, max_size=4), copies=st.integers(0, 2))
def test_a_mutated_journal_is_answered_as_documented(
    sandbox: Sandbox, caller: Caller, changes: list[tuple[int, str, str, Any]], copies: int
) -> None:
    ledger = sandbox.company.ledger
    before = len(ledger.journals)
    body = mutate(changes, copies)
    answer = caller.post("/journal", body)  # checks status and schema
    assert answer.status in (200, 201)
    assert len(ledger.journals) == before + (answer.status == 200)
    if faults_of_request("post_journal", body):
        assert answer.code == "203"
    if answer.status == 200:
        number = answer.response["journalNumber"]
        (found,) = caller.post(f"/journal/range/{number}/{number}").response
        assert len(found["lines"]) == len(body["requestPolicyDetails"])
        assert sum(line["journalDetail"]["amount"] for line in found["lines"]) == 0
    assert sum(one.line.amount for one in ledger.all_movements()) == 0
