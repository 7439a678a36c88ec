"""What is no spreadsheet, or a damaged one, ends in one sentence: never in a traceback, never in a long wait."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from importer.formats import kinds
from importer.formats.book import Unread
from importer.formats.kinds import Kind, kind_of, read_in_child, seconds_for
from importer.formats.ods import read_ods
from importer.formats.xls import read_xls
from importer.formats.xlsb import read_xlsb
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from tests.formats.test_writers import FILES

READERS = {Kind.XLS: read_xls, Kind.XLSB: read_xlsb, Kind.ODS: read_ods}
OFFICE = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
TABLE = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
BEFORE, AFTER = (
    f"<office:a {OFFICE} {TABLE}><office:spreadsheet><table:table>",
    "</table:table></office:spreadsheet></office:a>",
)
WORD = ("Workbook".encode("utf-16-le"), "WordDocx".encode("utf-16-le"))


def ods(rows: str, manifest: str = "") -> bytes:
    """An OpenDocument spreadsheet with these rows."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"{BEFORE}{rows}{AFTER}")
        archive.writestr("META-INF/manifest.xml", manifest)
    return target.getvalue()


def unread(kind: Kind, content: bytes) -> str:
    """How a file that is not read is told."""
    with pytest.raises(Unread) as raised:
        read_in_child(kind, content)
    return raised.value.wording


@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods", "sheetjs.xlsb"])
def test_a_mutilated_file_raises_what_the_child_catches(name: str) -> None:
    content, chance = (FILES / name).read_bytes(), random.Random(16)
    kind = kind_of(content)
    assert isinstance(kind, Kind)
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(chance.randint(1, 30)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        cut = bytes(changed[: chance.randrange(1, len(changed) + 1)])
        try:
            book = READERS[kind](cut)
        except Exception as failure:  # noqa: BLE001  whatever it is, it is no crash
            assert not isinstance(failure, MemoryError)
        else:
            assert book.plain()


@pytest.mark.parametrize(
    ("content", "wording"),
    [
        ((FILES / "libreoffice.xls").read_bytes()[:3000], "unreadable-file.damaged"),
        ((FILES / "libreoffice.ods").read_bytes()[:3000], "unreadable-file.damaged"),
        ((FILES / "sheetjs.xlsb").read_bytes()[:3000], "unreadable-file.damaged"),
        (ods("<table:table-row/>", "<a encryption-data='x'/>"), "encrypted-file"),
        (ods("<table:table-row table:number-rows-repeated='-1'/>"), "unreadable-file.damaged"),
        (
            (FILES / "libreoffice.xls").read_bytes().replace(b"W\0o\0r\0k\0b\0o\0o\0k", b"W\0o\0r\0d\0D\0o\0c\0x"),
            "unsupported-format.other",
        ),
        (b"%PDF-1.7\n", "unsupported-format.pdf"),
        (b'"importer.problems/1","x"\r\n', "unsupported-format.own"),
        (b"\xef\xbb\xbfimporter.journals/1;x\r\n", "unsupported-format.own"),
        (b'{"schema": "importer.result/1", "run": "x"}', "unsupported-format.own"),
    ],
)
def test_a_file_that_is_not_read_ends_in_one_sentence(tmp_path: Path, content: bytes, wording: str) -> None:
    path = tmp_path / "june.xls"
    path.write_bytes(content)
    found = read_workbook(path, FORMS)
    assert [problem.wording for problem in found.problems] == [wording] and not found.is_usable


def endless() -> bytes:
    """A small file of a billion cells."""
    filled = "<table:table-cell office:value-type='float' office:value='1' table:number-columns-repeated='16384'/>"
    return ods(f"<table:table-row table:number-rows-repeated='1048576'>{filled}</table:table-row>")


def test_a_file_that_takes_too_long_or_too_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "SECONDS_OF_ANY_FILE", 0.5)
    assert unread(Kind.ODS, endless()) == "unsafe-file.time"
    monkeypatch.setattr(kinds, "SECONDS_OF_ANY_FILE", 60)
    monkeypatch.setattr(kinds, "MOST_BYTES", 32 * 1024**2)
    assert unread(Kind.ODS, endless()) == "unsafe-file.memory"


def test_a_small_file_ends_within_ten_seconds_and_a_large_one_has_time() -> None:
    assert seconds_for(len(endless())) < 10
    assert seconds_for(2_170_792) > 40, "100,000 lines as .xlsb take 12 s of a slow processor"
    assert seconds_for(1_372_917) > 30, "65,000 lines as .ods take 24 s of a slow processor"
    assert seconds_for(10**9) == 300
