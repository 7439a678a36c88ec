"""`importer attach` and `importer detach`: once each, remembered, and honest about lost answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.cli.commands import Ended, importer, settings_for, settings_of
from tests.services.odd_service import odd_service, reply

COMPANY = reply(200, b'{"response": {"id": 5, "name": "IAN", "rfc": "X"}}')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Whatever port the service has, it is the same ledger."""
    (tmp_path / "importer.toml").write_text('installation = "REAL"\n', encoding="utf-8")
    for name in ("bill.pdf", "other.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.4 " + name.encode())
    return tmp_path


def told(ended: Ended) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ended.out)
    return document


def files_of(sandbox: Sandbox, *keys: str) -> list[tuple[int, int | None]]:
    there = sandbox.company.documents
    return [(there[key].journal, there[key].line) for key in keys if key in there]


def test_a_file_is_linked_listed_and_removed(sandbox: Sandbox, folder: Path) -> None:
    settings = settings_of(sandbox, folder / "s.db")
    attached = importer("attach", "5326", "bill.pdf", "--line", "2", "--json", folder=folder, **settings)
    assert attached.code == 0 and attached.err == ""
    (one,) = told(attached)["files"]
    assert (one["outcome"], one["line"]) == ("linked", 2)
    assert files_of(sandbox, one["file_key"]) == [(5326, 2)]

    listed = importer("attach", "5326", "--list", folder=folder, **settings)
    assert listed.code == 0 and one["file_key"] in listed.out and "bill.pdf" in listed.out

    detached = importer("detach", "5326", "bill.pdf", folder=folder, **settings)
    assert detached.code == 0 and files_of(sandbox, one["file_key"]) == []
    (after,) = told(importer("attach", "5326", "--list", "--json", folder=folder, **settings))["files"]
    assert after["state"] == "removed" and after["removed_at"]


def test_the_same_content_is_linked_once_unless_wanted_again(sandbox: Sandbox, folder: Path) -> None:
    settings = settings_of(sandbox, folder / "s.db")
    first, second, third = (
        importer("attach", "5327", "bill.pdf", *more, folder=folder, **settings) for more in ([], [], ["--again"])
    )
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert "--again" in second.err and second.out == ""
    assert len([one for one in sandbox.company.documents.values() if one.journal == 5327]) == 2

    ambiguous = importer("detach", "5327", "bill.pdf", folder=folder, **settings)
    assert ambiguous.code == 3 and ambiguous.out == ""
    keys = [
        one["file_key"]
        for one in told(importer("attach", "5327", "--list", "--json", folder=folder, **settings))["files"]
    ]
    assert all(key in ambiguous.err for key in keys)
    assert importer("detach", "5327", keys[0], folder=folder, **settings).code == 0
    assert len(files_of(sandbox, *keys)) == 1


def test_one_bad_file_keeps_all_from_being_sent(sandbox: Sandbox, folder: Path) -> None:
    (folder / "page.pdf").write_bytes(b"<html>")
    settings = settings_of(sandbox, folder / "s.db")
    before = sandbox.calls["link_document"]
    for bad in ("page.pdf", "nowhere.pdf"):
        ended = importer("attach", "5326", "bill.pdf", bad, folder=folder, **settings)
        assert ended.code == 3 and bad in ended.err and ended.out == ""
    assert sandbox.calls["link_document"] == before


def test_a_journal_that_is_not_there_is_exit_code_1(sandbox: Sandbox, folder: Path) -> None:
    ended = importer("attach", "99", "bill.pdf", "--json", folder=folder, **settings_of(sandbox, folder / "s.db"))
    assert ended.code == 1 and "204" in ended.err
    assert [one["outcome"] for one in told(ended)["files"]] == ["refused"]


def test_a_lost_answer_is_exit_code_4_and_the_file_is_not_sent_again(folder: Path) -> None:
    uploads = []
    for answers in ([COMPANY, None], [COMPANY]):
        with odd_service(*answers) as service:
            settings = settings_for(service.url, folder / "s.db")
            ended = importer("attach", "5326", "bill.pdf", folder=folder, **settings)
        uploads.append(len([one for one in service.requests if one.startswith(b"POST /edocs")]))
        assert ended.code == 4 and "bill.pdf" in ended.err and ended.out == ""
    assert uploads == [1, 0]


def test_a_removal_without_an_answer_is_exit_code_4_and_can_be_repeated(sandbox: Sandbox, folder: Path) -> None:
    linked = reply(200, b'{"message": "m", "fileKey": "17"}')
    gone = reply(201, b'{"message": "m", "code": "206", "description": "no file", "error": true}')
    lost = [None] * 3
    codes = []
    for command, answers in (("attach", [linked]), ("detach", lost), ("detach", [gone])):
        with odd_service(COMPANY, *answers) as service:
            settings = settings_for(service.url, folder / "s.db")
            codes.append(importer(command, "5326", "bill.pdf", folder=folder, **settings).code)
    assert codes == [0, 4, 0]
    with odd_service(COMPANY) as service:
        settings = settings_for(service.url, folder / "s.db")
        (one,) = told(importer("attach", "5326", "--list", "--json", folder=folder, **settings))["files"]
    assert one["state"] == "removed"


def test_a_file_linked_elsewhere_is_removed_by_its_key_and_extension(sandbox: Sandbox, folder: Path) -> None:
    here, elsewhere = (settings_of(sandbox, folder / name) for name in ("here.db", "elsewhere.db"))
    attached = importer("attach", "5328", "bill.pdf", "--line", "1", "--json", folder=folder, **elsewhere)
    key = told(attached)["files"][0]["file_key"]
    unknown = importer("detach", "5328", key, folder=folder, **here)
    assert unknown.code == 3 and "--extension" in unknown.err
    wrong = importer("detach", "5328", key, "--extension", "pdf", folder=folder, **here)
    assert wrong.code == 1 and files_of(sandbox, key) == [(5328, 1)]
    right = importer("detach", "5328", key, "--extension", ".PDF", "--line", "1", folder=folder, **here)
    assert right.code == 0 and files_of(sandbox, key) == []
