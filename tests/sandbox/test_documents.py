"""Files linked to journals: parts, limits, keys, and the way back."""

import hashlib

import httpx
import pytest

from importer.sandbox import Sandbox
from importer.sandbox.operations.documents import LARGEST_FILE, LARGEST_FILE_IN_BINARY
from tests.sandbox.caller import PATIENCE, Caller, journal


def key_of(journal_number: int = 1258, **changes: object) -> dict[str, object]:
    members: dict[str, object] = {"journalNumber": journal_number, "lineNumber": 1, "fileExtension": "pdf"}
    return members | changes


def test_a_linked_file_is_known_by_size_and_hash(sandbox: Sandbox, caller: Caller) -> None:
    content = bytes(range(256)) * 10_000
    answer = caller.upload(file=("Acta ñ.PDF", content), private="false")
    assert answer.body["message"] == "The document has been successfully linked"
    document = sandbox.company.documents[answer.body["fileKey"]]
    assert (document.journal, document.line, document.extension, document.private) == (1258, 1, "pdf", False)
    assert (document.size, document.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_every_upload_makes_a_key_of_its_own(caller: Caller) -> None:
    keys = [caller.upload().body["fileKey"] for _ in range(5)]
    assert len(set(keys)) == 5
    assert all(key.isdigit() for key in keys)


def test_a_file_may_be_linked_to_a_journal_as_a_whole_and_removed(sandbox: Sandbox, caller: Caller) -> None:
    number = caller.post("/journal", journal()).response["journalNumber"]
    key = caller.upload(journalNumber=number, lineNumber=None).body["fileKey"]
    members = {"journalNumber": int(number), "fileKey": key, "fileExtension": "PDF"}
    assert caller.delete("/edocs", members | {"lineNumber": 1}).code == "204"
    assert caller.delete("/edocs", members).body == {"message": "The document has been successfully deleted"}
    assert key not in sandbox.company.documents
    assert caller.delete("/edocs", members).code == "206"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"journalNumber": 5326}, "204"),
        ({"journalNumber": 5325}, "204"),
        ({"lineNumber": 2}, "204"),
        ({"lineNumber": 3}, "204"),
        ({"fileKey": "1"}, "206"),
        ({"fileExtension": "png"}, "206"),
        ({"fileExtension": ".pdf"}, "203"),
    ],
)
def test_a_deletion_names_the_upload_exactly(
    sandbox: Sandbox, caller: Caller, change: dict[str, object], code: str
) -> None:
    key = caller.upload().body["fileKey"]
    assert caller.delete("/edocs", key_of(fileKey=key) | change).code == code
    assert key in sandbox.company.documents
    assert caller.delete("/edocs", key_of(fileKey=key)).status == 200


@pytest.mark.parametrize("name", ["a.img", "a.JPG", "a.png", "a.b.docx", "a.xls", "a.pptx", "ñ.zip", "a b.doc"])
def test_the_listed_formats_are_taken_by_their_endings(caller: Caller, name: str) -> None:
    assert caller.upload(file=(name, b"whatever")).status == 200


@pytest.mark.parametrize(
    "parts",
    [
        {"file": ("a.jpeg", b"x")},
        {"file": ("a.exe", b"x")},
        {"file": ("pdf", b"x")},
        {"file": (".pdf", b"x")},
        {"file": ("a/b.pdf", b"x")},
        {"file": ("..\\a.pdf", b"x")},
        {"file": "text"},
        {"file": None},
        {"private": None},
        {"private": "True"},
        {"private": "1"},
        {"private": ("private.pdf", b"true")},
        {"journalNumber": None},
        {"journalNumber": "x"},
        {"journalNumber": "0"},
        {"journalNumber": "12.58"},
        {"journalNumber": ("n.pdf", b"1258")},
        {"lineNumber": ""},
        {"lineNumber": "0"},
        {"lineNumber": "-1"},
        {"journalnumber": "1258"},
        {"book": "A"},
    ],
    ids=repr,
)
def test_parts_that_are_wrong_are_206(sandbox: Sandbox, caller: Caller, parts: dict[str, object]) -> None:
    before = dict(sandbox.company.documents)
    assert caller.upload(**parts).code == "206"
    assert sandbox.company.documents == before


@pytest.mark.parametrize("place", [{"journalNumber": "5325"}, {"lineNumber": "3"}, {"lineNumber": "9" * 18}])
def test_a_place_that_does_not_exist_is_204(caller: Caller, place: dict[str, object]) -> None:
    assert caller.upload(**place).code == "204"


def test_a_part_may_not_come_twice(caller: Caller) -> None:
    sent: list[tuple[str, tuple[str | None, bytes]]] = [
        ("file", ("a.pdf", b"")),
        ("journalNumber", (None, b"1258")),
        ("private", (None, b"true")),
    ]
    for extra in (sent[0], sent[1]):
        answer = caller.http.post("/edocs", files=[*sent, extra], headers={"Authorization": caller.authorization})
        assert answer.json()["code"] == "206"


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nabc',
        ),
        ("multipart/form-data; boundary=x; charset=nonsense", b"--x--"),
        ("multipart/form-data; boundary=" + "y" * 500, b"--x--"),
        ("", b"x"),
    ],
)
def test_what_is_no_form_is_206(caller: Caller, media_type: str, content: bytes) -> None:
    headers = {"Authorization": caller.authorization, "Content-Type": media_type}
    answer = caller.http.post("/edocs", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (201, "206")


def test_the_token_comes_before_the_form(caller: Caller) -> None:
    answer = caller.http.post("/edocs", content=b"x", headers={"Authorization": "bearer x"})
    assert answer.status_code == 220


def test_the_limit_is_40_million_bytes_or_the_binary_one_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    content = bytes(LARGEST_FILE_IN_BINARY + 1)
    assert caller.upload(file=("a.zip", content[:LARGEST_FILE])).status == 200
    assert caller.upload(file=("a.zip", content[: LARGEST_FILE + 1])).code == "206"
    sandbox.switch(larger_documents=True)
    assert caller.upload(file=("a.zip", content[:LARGEST_FILE_IN_BINARY])).status == 200
    assert caller.upload(file=("a.zip", content)).code == "206"


def test_a_body_beyond_any_limit_is_read_to_its_end_and_refused(caller: Caller) -> None:
    answer = caller.upload(file=("a.zip", bytes(52_000_000)))
    assert answer.code == "206"
    assert caller.get("/company").status == 200


def test_storage_may_be_off(sandbox: Sandbox, caller: Caller) -> None:
    key = caller.upload().body["fileKey"]
    sandbox.switch(storage_off=True)
    assert caller.upload().code == "205"
    assert caller.delete("/edocs", key_of(fileKey=key)).code == "205"
    assert caller.upload(file=("a.exe", b"")).code == "206"


def test_an_upload_that_breaks_off_leaves_no_document(sandbox: Sandbox, caller: Caller) -> None:
    before = dict(sandbox.company.documents)

    def broken() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nabc'
        raise InterruptedError

    headers = {"Authorization": caller.authorization, "Content-Type": "multipart/form-data; boundary=x"}
    with (
        pytest.raises(InterruptedError),
        httpx.Client(base_url=caller.address.spx_url, trust_env=False, timeout=PATIENCE) as http,
    ):
        http.post("/edocs", content=broken(), headers=headers)  # type: ignore[arg-type]  # a generator of bytes
    assert caller.get("/company").status == 200
    assert sandbox.company.documents == before
