"""Every file that is no workbook, or no harmless one, gets the sentence that tells what it is."""

import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from importer.model.problems import Problem
from importer.model.workbook import Workbook
from importer.read.folders import find_workbooks
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from importer.translations import Language, say
from importer.xlsx.package import MOST_FILE_BYTES
from tests.xlsx.archives import form, inline, read, row, workbook, zipped

GOOD = workbook(form(row(2, inline("A2", "JV"))))
SHEET = "xl/worksheets/sheet1.xml"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'
WITH_DOCTYPE = form("").replace("<worksheet", DOCTYPE + "<worksheet")


def only_problem(found: Workbook) -> Problem:
    """The problem of a file of which nothing is read; it has a sentence in every language."""
    (problem,) = found.problems
    assert not found.sheets and not found.is_usable and problem.blocks
    assert problem.place.file == found.path and problem.place.sheet is None
    facts = {"path": found.path, **problem.facts}
    assert all(say(language, f"problem.{problem.wording}", **facts) for language in Language)
    return problem


def directory_changed(content: bytes, member: str, offset: int, form: str, value: int) -> bytes:
    """An archive whose directory says something else of a member, `offset` bytes into its entry."""
    changed = bytearray(content)
    entry = changed.rindex(member.encode(), 0) - 46
    assert changed[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into(form, changed, entry + offset, value)
    return bytes(changed)


def changed_inside() -> bytes:
    """A workbook with one wrong bit in its sheet."""
    content = bytearray(GOOD)
    content[content.index(SHEET.encode()) + len(SHEET) + 20] ^= 1
    return bytes(content)


def document_type_at(position: int) -> bytes:
    """A workbook whose sheet declares a document type that far from its beginning, behind a comment."""
    start = '<?xml version="1.0"?><!--'
    noise = random.Random(1).randbytes(position).hex()[: position - len(start) - 3]
    return workbook(f"{start}{noise}-->{WITH_DOCTYPE.partition(chr(10))[2]}")


def longer_than_declared() -> bytes:
    """A part that declares the size and checksum of its first bytes only."""
    text = form(row(2, inline("A2", "JV"))).encode()
    declared = text[:100]
    content = directory_changed(workbook(text), SHEET, 24, "<I", len(declared))
    return directory_changed(content, SHEET, 16, "<I", zlib.crc32(declared))


def packed_twice() -> bytes:
    """Two members that share their bytes."""
    parts = {"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<b/>" * 50, "xl/copy.xml": "<b/>" * 50}
    content = zipped(parts)
    return directory_changed(content, "xl/copy.xml", 42, "<I", content.index(b"xl/workbook.xml") - 30)


def named_twice() -> bytes:
    """The same part by two spellings of its name."""
    return workbook(form(""), changed={"XL/Worksheets/Sheet1.xml": form("")})


FILES: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "no bytes": (b"", "unreadable-file.empty"),
    "the mark of an archive alone": (b"PK\x03\x04 but no more", "unreadable-file.damaged"),
    "the beginning of a workbook": (GOOD[: len(GOOD) // 2], "unreadable-file.damaged"),
    "all but the last byte": (GOOD[:-1], "unreadable-file.damaged"),
    "a part that was changed": (changed_inside(), "unreadable-file.damaged"),
    "a part longer than it declares": (longer_than_declared(), "unreadable-file.damaged"),
    "a way of packing nobody knows": (directory_changed(GOOD, SHEET, 10, "<H", 99), "unreadable-file.damaged"),
    "an encrypted workbook": (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted-file"),
    "an encrypted archive": (directory_changed(GOOD, SHEET, 8, "<H", 1), "encrypted-file"),
    "an old workbook": (OLE + b"\0" * 600, "unreadable-file.damaged"),
    "a binary workbook": (
        zipped({"[Content_Types].xml": "<a/>", "_rels/.rels": "<a/>", "xl/workbook.bin": b"\x83\x01"}),
        "unreadable-file.damaged",
    ),
    "an OpenDocument spreadsheet": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        "unreadable-file.damaged",
    ),
    "a text with commas": (b"journal,account\r\nJ1,101110\r\n", "no-form-found.seen"),
    "a Latin text with semicolons": ("póliza;cuenta\r\nJ1;101110\r\n".encode("latin-1"), "no-form-found.seen"),
    "a text as Excel calls Unicode": ("póliza\tcuenta\r\n".encode("utf-16"), "no-form-found.seen"),
    "a web page": (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><table></table></html>", "unsupported-format.html"),
    "a table of a web page": (b"<table border=1><tr><td>1</td></tr></table>", "unsupported-format.html"),
    "a web archive": (b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n", "unsupported-format.html"),
    "a document": (zipped({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "unsupported-format.other"),
    "an archive of anything": (zipped({"notes.txt": "hello"}), "unsupported-format.other"),
    "an XML file": (b'<?xml version="1.0"?><Workbook/>', "unsupported-format.other"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "unsupported-format.pdf"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "unsupported-format.other"),
    "a document type": (workbook(WITH_DOCTYPE), "unsafe-file.doctype"),
    "a document type in UTF-16": (
        workbook(WITH_DOCTYPE.replace("UTF-8", "UTF-16").encode("utf-16")),
        "unsafe-file.doctype",
    ),
    "a document type in UTF-16, other order": (
        workbook(b"\xfe\xff" + WITH_DOCTYPE.replace("UTF-8", "UTF-16").encode("utf-16-be")),
        "unsafe-file.doctype",
    ),
    "a document type in the styles": (
        workbook(form(""), changed={"xl/styles.xml": DOCTYPE + "<a/>"}),
        "unsafe-file.doctype",
    ),
    "a document type across two blocks": (lambda: document_type_at(2**20 - 4), "unsafe-file.doctype"),
    "too large when unpacked": (directory_changed(GOOD, SHEET, 24, "<I", 0xF0000000), "unsafe-file.size"),
    "a part packed like a bomb": (lambda: workbook(form(" " * 5_000_000)), "unsafe-file.ratio"),
    "a part beside the sheets packed like a bomb": (
        lambda: workbook(form(""), changed={"xl/media/bomb.xml": b"0" * 5_000_000}),
        "unsafe-file.ratio",
    ),
    "two thousand parts and one": (
        lambda: workbook(form(""), changed={f"xl/more{number}.xml": "<a/>" for number in range(2_000)}),
        "unsafe-file.members",
    ),
    "a part by two spellings": (named_twice(), "unsafe-file.members"),
    "parts that overlap": (packed_twice(), "unsafe-file.members"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_workbook_is_called_what_it_is(tmp_path: Path, case: str) -> None:
    content, wording = FILES[case]
    found = read(tmp_path, content() if callable(content) else content)
    assert only_problem(found).wording == wording
    assert found.sha256 is not None


def test_a_duplicate_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.xlsx"
    path.write_bytes(GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SHEET, form(""))
    assert only_problem(read_workbook(path, [JOURNALS])).wording == "unsafe-file.members"


def test_pictures_may_be_packed_tightly_and_hold_anything(tmp_path: Path) -> None:
    changed: dict[str, str | bytes | None] = {
        "xl/media/white.bmp": b"\0" * 5_000_000,
        "xl/media/drawing.svg": f"{DOCTYPE}<svg/>",
    }
    found = read(tmp_path, workbook(form(row(2, inline("A2", "JV"))), changed=changed))
    assert found.sheets[0].rows == (2,)


def test_many_alike_rows_are_no_bomb(tmp_path: Path) -> None:
    """Measured by hand on 1,048,575 rows: the sheet packs to 0.063 of its size; formatted blanks alone to 0.086."""
    path = tmp_path / "alike.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    table = book.add_worksheet()
    table.write_row(0, 0, [column.name for column in JOURNALS.required])
    for number in range(1, 4_000):
        table.write_row(number, 0, ["JV", "101110", "R", "D", "C", 1, "MXN1", "2018-06-30", "2018006"])
    book.close()
    assert len(read_workbook(path, [JOURNALS]).sheets[0].rows) == 3_999


@pytest.mark.parametrize(
    ("name", "make", "wording"),
    [
        ("none.xlsx", str, "unreadable-file.missing"),
        ("file/none.xlsx", lambda path: path.parent.write_bytes(b""), "unreadable-file.missing"),
        ("bad\0name.xlsx", str, "unreadable-file.missing"),
        ("folder", lambda path: path.mkdir(), "unreadable-file.folder"),
        ("folder.xlsx", lambda path: path.mkdir(), "unreadable-file.folder"),
        ("~$book.xlsx", lambda path: path.write_bytes(b"\x05Maria"), "unsupported-format.lock"),
        ("~$gone.xlsx", str, "unreadable-file.missing"),
    ],
)
def test_a_path_that_is_no_file_is_called_what_it_is(
    tmp_path: Path, name: str, make: Callable[[Path], object], wording: str
) -> None:
    path = tmp_path / name
    make(path)
    found = read_workbook(path, [JOURNALS])
    assert only_problem(found).wording == wording
    assert found.sha256 is None


def test_a_name_too_long_for_the_system_is_a_problem(tmp_path: Path) -> None:
    assert only_problem(read_workbook(tmp_path / ("x" * 5000), [JOURNALS])).code == "unreadable-file"


def test_a_file_larger_than_any_workbook_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.xlsx"
    with path.open("wb") as file:
        file.truncate(MOST_FILE_BYTES + 1)  # a hole in the file system, no bytes
    assert only_problem(read_workbook(path, [JOURNALS])).wording == "unsafe-file.file-size"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX")
def test_a_pipe_or_a_device_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "zeros.xlsx").symlink_to("/dev/zero")
    (tmp_path / "gone.xlsx").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.xlsx").mkdir()
    told = {
        path.name: only_problem(read_workbook(path, [JOURNALS])).wording
        for path in find_workbooks([tmp_path], [JOURNALS])
    }
    special = dict.fromkeys(("pipe.xlsx", "zeros.xlsx"), "unreadable-file.special")
    assert told == special | {"gone.xlsx": "unreadable-file.missing"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "closed.xlsx"
    path.write_bytes(GOOD)
    path.chmod(0)
    assert only_problem(read_workbook(path, [JOURNALS])).wording == "unreadable-file.denied"
