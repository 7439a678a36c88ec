"""Texts with delimiters by their grammar: every cell is text, nothing is sniffed, what is uncertain is told."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.formats.book import Unread
from importer.formats.delimited import DELIMITERS, MOST_LOOKED_AT, read_delimited
from importer.model.workbook import Workbook
from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import mapping_of
from importer.read.workbooks import read_workbook
from importer.report.original_rows import read_original
from importer.report.sentences import message
from importer.templates.forms import FORMS
from importer.translations import Language
from tests.cli.commands import importer
from tests.formats.samples import as_text, rows_of

HEADINGS = (
    "Journal;Journal type;Account;Transaction reference;Debit or credit;Amount;Currency;"
    "Transaction date;Accounting period;Description"
)
LINE = "J1;JV;{account};R1;{side};{amount};MXN1;2018-06-30;2018006;{text}"


def lines(*, amount: str = "12.50", account: str = "001234", text: str = "Señal") -> str:
    """A journal of two rows."""
    sides = [LINE.format(account=account, side=side, amount=amount, text=text) for side in "DC"]
    return "\r\n".join([HEADINGS, *sides, ""])


def read(folder: Path, content: str | bytes, name: str = "june.csv") -> Workbook:
    """A text read as a workbook."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_workbook(path, FORMS)


def wordings(found: Workbook) -> list[str]:
    """What is told of a file."""
    return [problem.wording for problem in found.problems]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_cell_is_text_under_the_delimiter_of_the_headings(tmp_path: Path, delimiter: str, ending: str) -> None:
    found = read(tmp_path, lines().replace(";", delimiter).replace("\r\n", ending))
    (sheet,) = found.sheets
    assert (sheet.sheet, sheet.rows, found.problems, found.delimiter) == ("june", (2, 3), (), delimiter)
    assert sheet.columns["account"] == ["001234"] * 2 and sheet.columns["amount"] == ["12.50"] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_encodings_by_their_mark_else_utf_8_else_windows_told_with_words(tmp_path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    found = read(tmp_path, mark + lines(text="Año nuevo").encode(encoding))
    assert found.sheets[0].columns["description"] == ["Año nuevo"] * 2
    told = [(one.code, one.blocks, dict(one.facts)) for one in found.problems]
    assert told == ([("text-encoding", False, {"words": "Año"})] if encoding == "cp1252" else [])


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman"])
def test_another_encoding_is_read_where_it_is_declared(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(lines(text="Educación, año").encode(encoding))
    found = read_workbook(path, FORMS, mappings=MappingsAtHand(encoding=encoding))
    assert found.sheets[0].columns["description"] == ["Educación, año"] * 2
    assert (found.problems, found.encoding) == ((), encoding)
    wanted = {"june": (1, (2,))}
    original = read_original(path.read_bytes(), wanted, found.delimiter, found.encoding)
    assert "Educación, año" in [cell.text for cell in original.sheets["june"].rows[2]]


def test_a_mark_of_the_file_and_what_cannot_be_are_no_matter_of_declaring(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(lines(text="Año").encode("utf-8-sig"))
    marked = read_workbook(path, FORMS, mappings=MappingsAtHand(encoding="cp850"))
    assert marked.sheets[0].columns["description"] == ["Año"] * 2
    path.write_bytes(lines(text="Año").encode("cp850"))
    assert wordings(read_workbook(path, FORMS, mappings=MappingsAtHand(encoding="utf-8"))) == [
        "unreadable-file.encoding"
    ]


def test_of_utf_16_without_its_mark_a_person_is_told_what_to_declare(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(lines(text="Año").encode("utf-16-le"))
    assert wordings(read_workbook(path, FORMS)) == ["unreadable-file.encoding"]
    found = read_workbook(path, FORMS, mappings=MappingsAtHand(encoding="utf-16"))
    assert (found.sheets[0].columns["description"], found.problems) == (["Año"] * 2, ())


def test_the_command_line_declares_an_encoding(tmp_path: Path) -> None:
    (tmp_path / "june.csv").write_bytes(lines(text="Año", account="101110").encode("cp850"))
    ended = importer("check", "june.csv", "--encoding", "cp850", "--json", folder=tmp_path)
    assert ended.code == 0 and ended.result["problems"] == []
    assert importer("check", "june.csv", "--encoding", "ebcdic", folder=tmp_path).code == 2


@pytest.mark.parametrize(
    "content",
    [
        lines(text="Educaci\x81n").encode("latin-1"),  # Windows-1252 has no such letter
        lines(text="a\x07b").encode(),
        lines().encode("utf-16") + b"\x00",
    ],
)
def test_letters_that_cannot_be_read_are_told(tmp_path: Path, content: bytes) -> None:
    assert wordings(read(tmp_path, content)) == ["unreadable-file.encoding"]


@pytest.mark.parametrize("encoding", ["utf-7", "hz"])
def test_letters_written_in_seven_bits_are_named_unless_they_are_declared_to_be_text(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(lines(text="Año" if encoding == "utf-7" else "年度").encode(encoding))
    assert wordings(read_workbook(path, FORMS)) == ["unreadable-file.seven-bits"]
    assert read_workbook(path, FORMS, mappings=MappingsAtHand(encoding="utf-8")).problems == ()
    assert read(tmp_path, lines(text="gas+ABC-luz +10-")).problems == ()


@pytest.mark.parametrize(
    ("content", "wording", "words"),
    [
        (lines(text="Año nuevo").encode("cp850"), "text-encoding", "A¤o"),
        (lines(text="Cálculo").encode("cp850"), "text-encoding", "C\u00a0lculo"),
        (lines(text="Año señal").encode().decode("cp1252").encode(), "not-text.spoilt", "AÃ±o, seÃ±al"),
        (lines(text="A\ufffdo NÃO").encode(), "not-text.spoilt", "A\ufffdo"),
    ],
)
def test_letters_that_another_program_has_spoilt_are_told(
    tmp_path: Path, content: bytes, wording: str, words: str
) -> None:
    (problem,) = read(tmp_path, content).problems
    assert (problem.wording, problem.facts["words"], problem.blocks) == (wording, words, False)
    assert words in message(problem, Language.ES)


def test_headings_that_fit_two_delimiters_are_refused() -> None:
    with pytest.raises(Unread) as raised:
        read_delimited(b"a;b,c\n", "x", lambda rows: len(rows[0]) > 1)
    assert raised.value.wording == "unsupported-format.delimiters" and raised.value.facts == {"delimiters": ", ;"}


def test_a_quote_that_is_not_closed_is_an_error_of_the_file(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, lines(text='"Señal')).problems
    assert (problem.wording, problem.facts["row"]) == ("unreadable-file.quote", "2")


def test_a_line_break_in_quotes_is_told_with_its_row(tmp_path: Path) -> None:
    found = read(tmp_path, lines(text='"a\r\nb"'))
    assert [(one.code, one.place.row, one.blocks) for one in found.problems] == [
        ("line-break", 2, False),
        ("line-break", 3, False),
    ]
    assert found.sheets[0].rows == (2, 3)


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("=1+1", True),
        ("@SUM(A1:A2)", True),
        ("+HOY()", True),
        ("@proveedor", False),
        ("-5 %", False),
        ('="=1+1"', False),
    ],
)
def test_a_formula_in_a_text_counts_as_it_stands_and_is_told(tmp_path: Path, text: str, is_told: bool) -> None:
    found = read(tmp_path, lines(text=text))
    assert [(one.wording, one.place.cell, one.value, one.blocks) for one in found.problems] == [
        ("not-text.formula", f"J{row}", text, False) for row in (2, 3) if is_told
    ]


@pytest.mark.parametrize(
    ("changed", "cells"),
    [
        (("12.50", "1,234.50"), ["K2", "K3"]),
        (("C,12.50", "C,1,234.50"), ["K3"]),
        (("Señal\r\nJ1,JV,001234,R1,C", "\r\nJ1,JV,001234,R1,C"), []),
    ],
)
def test_a_row_with_more_cells_than_headings_is_an_error_of_its_journal(
    tmp_path: Path, changed: tuple[str, str], cells: list[str]
) -> None:
    found = read(tmp_path, lines().replace(";", ",").replace(*changed))
    told = [one.place.cell for one in found.problems if one.code == "extra-cells"]
    assert told == cells


def test_a_delimiter_at_the_end_of_every_row_is_no_cell(tmp_path: Path) -> None:
    assert read(tmp_path, lines().replace("Señal", "Señal;;")).problems == ()


def test_a_delimiter_at_the_end_of_one_row_alone_is_a_cell_too_many(tmp_path: Path) -> None:
    found = read(tmp_path, lines().replace("Señal", "Señal;", 1))
    assert [(one.code, one.place.cell) for one in found.problems] == [("extra-cells", "K2")]


def test_zeros_in_a_formula_and_errors_as_programs_write_them(tmp_path: Path) -> None:
    found = read(tmp_path, lines(account='="001234"', text="#N/D"))
    assert found.sheets[0].columns["account"] == ["001234"] * 2
    assert wordings(found) == ["cell-error"] * 2


def test_what_looks_like_an_escape_of_excel_is_text(tmp_path: Path) -> None:
    found = read(tmp_path, lines(text="_x0041_"))
    assert found.sheets[0].columns["description"] == ["_x0041_"] * 2


def test_a_line_of_a_million_cells_is_no_sheet(tmp_path: Path) -> None:
    assert wordings(read(tmp_path, b"," * 1_000_000)) == ["unreadable-file.rows"]


def test_of_a_text_without_headings_no_more_is_read_than_to_say_so() -> None:
    text = read_delimited(b"a;b\n" * (MOST_LOOKED_AT + 1), "x", lambda _: False)
    assert (text.delimiter, max(text.widths)) == (";", MOST_LOOKED_AT)


def test_three_columns_are_no_journal_but_their_zeros_stay(tmp_path: Path) -> None:
    found = read(tmp_path, "journal;account;amount\r\nJ1;001110;12,50\r\n")
    assert [one.code for one in found.problems] == ["no-form-found"] and not found.sheets


@given(rows=st.lists(st.lists(st.text("ab,;\t|\"'\n 0é", max_size=4), min_size=2, max_size=4), min_size=1, max_size=4))
def test_what_a_writer_of_the_grammar_writes_is_read_as_it_was(rows: list[list[str]]) -> None:
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows([["Journal", "Account"], *rows])
    text = read_delimited(target.getvalue().encode(), "x", lambda top: top[0][:2] == ["Journal", "Account"])
    (part,) = text.book.sheets
    read_again = text.book.rows(part)
    found = {
        (row, column): read_again.value_of(tokens[place])
        for batch in read_again.batches
        for column, tokens in batch.columns.items()
        for place, row in enumerate(batch.rows)
        if tokens[place] is not None
    }
    expected = {(row, column): value for row, one in enumerate(rows, 2) for column, value in enumerate(one) if value}
    assert {place: value for place, value in found.items() if place[0] > 1} == expected


@pytest.mark.parametrize(
    ("sample", "delimiter", "encoding"),
    [
        ("journals-june", ",", "utf-8"),
        ("journals-june", ";", "utf-8-sig"),
        ("journals-june-es", ",", "utf-8"),
        ("journals-june-es", ";", "utf-16"),
        ("journals-june-es", ";", "cp1252"),
    ],
)
def test_the_june_sample_as_a_text_reads_as_the_workbook(
    tmp_path: Path, sample: str, delimiter: str, encoding: str
) -> None:
    original, text = rows_of(sample), as_text(sample, delimiter, encoding)
    (sheet,) = read(tmp_path, text).sheets
    assert (sheet.rows, sheet.letters, sheet.columns) == (original.rows, original.letters, original.columns)


OWN = """
headings = { journal = "Póliza", journalType = "Clase", account = "Cuenta", treference = "Ref", transaction = "Lado", \
amount = "Importe", currency = "Moneda", transDateTime = "Día", period = "Mes", description = "Descripción" }
"""


def test_an_encoding_that_cannot_be_told_is_declared_in_the_mapping(tmp_path: Path) -> None:
    text = "\r\n".join(["Póliza;Clase;Cuenta;Ref;Lado;Importe;Moneda;Día;Mes;Descripción", *lines().split("\r\n")[1:]])
    path = tmp_path / "june.csv"
    path.write_bytes(text.encode("cp850"))
    declared = mapping_of("mine", OWN + 'encoding = "cp850"', "mine.toml")
    for at_hand in (MappingsAtHand([declared]), MappingsAtHand(named=declared)):
        found = read_workbook(path, FORMS, mappings=at_hand)
        assert (found.encoding, found.problems) == ("cp850", ())
        assert found.sheets[0].columns["description"] == ["Señal"] * 2
    undeclared = MappingsAtHand([mapping_of("mine", OWN, "mine.toml")])
    assert not read_workbook(path, FORMS, mappings=undeclared).sheets
    path.write_bytes(text.encode())
    found = read_workbook(path, FORMS, mappings=MappingsAtHand([declared]))
    assert (found.encoding, found.sheets[0].columns["description"]) == ("", ["Señal"] * 2)
