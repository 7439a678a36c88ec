"""`importer print`: vouchers as PDF files, by either name of a format, never over another file."""

import base64
import json
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, running
from tests.cli.commands import importer, settings_for, settings_of
from tests.sandbox.printed import text_of
from tests.services.odd_service import odd_service, reply

COMPANY = reply(200, b'{"response": {"id": 5, "name": "IAN", "rfc": "X"}}')
PRINTED = reply(200, b'{"response": "%b"}' % base64.b64encode(b"%PDF-1.4 voucher"))


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return settings_of(sandbox, tmp_path / "s.db")


def test_a_range_goes_into_a_folder_that_is_made(settings: dict[str, str], tmp_path: Path) -> None:
    ended = importer("print", "5326-5328", "1258", "5327", "-o", "vouchers", "--json", folder=tmp_path, **settings)
    assert ended.code == 0 and ended.err == ""
    vouchers = json.loads(ended.out)["vouchers"]
    assert [one["journal_number"] for one in vouchers] == ["5326", "5327", "5328", "1258"]
    assert all((tmp_path / one["file"]).read_bytes().startswith(b"%PDF-") for one in vouchers)
    assert len(list((tmp_path / "vouchers").iterdir())) == 4


def test_one_journal_goes_into_a_file_that_is_never_written_over(settings: dict[str, str], tmp_path: Path) -> None:
    first = importer("print", "5326", "-o", "voucher.pdf", folder=tmp_path, **settings)
    content = (tmp_path / "voucher.pdf").read_bytes()
    assert first.code == 0 and content.startswith(b"%PDF-") and "voucher.pdf" in first.out
    second = importer("print", "5327", "-o", "voucher.pdf", folder=tmp_path, **settings)
    assert second.code == 3 and (tmp_path / "voucher.pdf").read_bytes() == content
    third = importer("print", "5327", "-o", "voucher.pdf", "--force", folder=tmp_path, **settings)
    assert third.code == 0 and (tmp_path / "voucher.pdf").read_bytes() != content
    assert sorted(file.name for file in tmp_path.iterdir() if file.suffix == ".part") == []


@pytest.mark.parametrize("name", ["check", "PC", "pc"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_format_and_language_travel_by_either_name(name: str, language: str, tmp_path: Path) -> None:
    with odd_service(COMPANY, PRINTED) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = importer("print", "5326", "--format", name, "--lang", language, folder=tmp_path, **settings)
    assert ended.code == 0
    request = service.requests[-1]
    assert f"lang={language}".encode() in request and b'"printFormat":"PC"' in request and b"logoOption" not in request


def test_a_logo_travels_and_what_is_no_picture_does_not(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"x" * 20
    (tmp_path / "logo.png").write_bytes(picture)
    (tmp_path / "logo.jpg").write_bytes(b"<svg/>")
    with odd_service(COMPANY, PRINTED) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        for bad in ("logo.jpg", "nowhere.png"):
            assert importer("print", "5326", "--logo", bad, folder=tmp_path, **settings).code == 3
        assert service.requests == []
        assert importer("print", "5326", "--logo", "logo.png", folder=tmp_path, **settings).code == 0
    assert base64.b64encode(picture) in service.requests[-1]


def test_a_journal_that_is_not_there_is_exit_code_1_and_the_others_are_saved(
    settings: dict[str, str], tmp_path: Path
) -> None:
    ended = importer("print", "99", "5326", folder=tmp_path, **settings)
    assert ended.code == 1 and "99" in ended.err and "5326" in ended.out
    assert len(list(tmp_path.glob("*.pdf"))) == 1


@pytest.mark.parametrize(("name", "asked", "code"), [("receipt", 1, 4), ("policy", 3, 3)])
def test_only_what_may_be_counted_is_not_asked_for_again(name: str, asked: int, code: int, tmp_path: Path) -> None:
    with odd_service(COMPANY, *[None] * 3) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = importer("print", "5326", "--format", name, "-o", "v.pdf", folder=tmp_path, **settings)
    prints = [one for one in service.requests if b"/journal/print" in one]
    assert (len(prints), ended.code) == (asked, code) and not (tmp_path / "v.pdf").exists()
    assert ended.out == "" and "5326" in ended.err


def test_formats_of_the_live_client_are_printed_in_the_live_dialect_alone(tmp_path: Path) -> None:
    with running(dialect="live") as live:
        settings = settings_of(live, tmp_path / "s.db") | {"SPX_DIALECT": "live"}
        words = ("--format", "pasr", "-o", "voucher.pdf", "--lang", "es")
        assert importer("print", "5326", *words, folder=tmp_path, **settings).code == 0
        text = text_of((tmp_path / "voucher.pdf").read_bytes())
        assert "PASR" in text and "Descripción" in text
        before = live.calls["login"]
        settings["SPX_DIALECT"] = "document"
        refused = importer("print", "5326", "--format", "PGP", folder=tmp_path, **settings)
        assert refused.code == 2 and "PFP" in refused.err and live.calls["login"] == before
