"""The files beside the page hold every problem, every document and the whole result, each under its mark."""

import csv
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from importer.errors import SetupError
from importer.model.problems import Problem
from importer.model.results import Result
from importer.report.page import write_page
from importer.report.report_folder import JOURNALS_MARK, PROBLEMS_MARK, write_data_files
from importer.report.result_document import SCHEMA, result_document
from importer.report.sentences import message
from importer.translations import Language
from tests.cli.commands import importer
from tests.cli.workbooks import line, write
from tests.report.records import run_of_all_forms
from tests.report.stories import place, result, troubled_run


def read(path: Path) -> list[list[str]]:
    """The rows of a CSV file that begins with the mark of UTF-8."""
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True), strict=True))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("ended", [troubled_run(), run_of_all_forms(), result()], ids=["troubled", "records", "empty"])
def test_nothing_is_left_out(tmp_path: Path, ended: Result, language: Language) -> None:
    write_data_files(ended, tmp_path, language)
    problems = read(tmp_path / f"{ended.run}.problems.csv")
    journals = read(tmp_path / f"{ended.run}.journals.csv")
    document = json.loads((tmp_path / f"{ended.run}.result.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(result_document(ended, language)))
    assert (problems[0][0], journals[0][0], document["schema"]) == (PROBLEMS_MARK, JOURNALS_MARK, SCHEMA)
    assert [row[10] for row in problems[1:]] == [message(one, language) for one in ended.problems]
    assert [row[7] for row in problems[1:]] == [one.place.cell or "" for one in ended.problems]
    assert [(row[2], row[3]) for row in journals[1:]] == [(one.key, one.status.value) for one in ended.documents]
    amounts = ["" if one.debit is None else f"{one.debit}" for one in ended.documents]
    assert [row[7] for row in journals[1:]] == amounts
    assert {row[0] for row in problems[1:] + journals[1:]} <= {ended.run}


def test_what_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://x")'
    bad = Problem("not-a-number", place(9, "amount"), "+J", formula, None, "not-a-number.separators")
    write_data_files(replace(troubled_run(), problems=(bad,)), tmp_path, Language.EN)
    _, row = read(tmp_path / f"{troubled_run().run}.problems.csv")
    assert row[5] == "'+J" and row[9] == f"'{formula}"


def test_the_words_of_the_service_stand_beside_its_refusal(tmp_path: Path) -> None:
    write_data_files(troubled_run(), tmp_path, Language.ES)
    rows = read(tmp_path / f"{troubled_run().run}.problems.csv")
    (refused,) = [row for row in rows if row[2] == "refused-line"]
    assert refused[12] == "Account 652210: analysis code 20 of dimension Fund is prohibited"


@pytest.mark.parametrize("command", ["check", "run"])
def test_they_lie_beside_the_page(tmp_path: Path, command: str) -> None:
    path = write(tmp_path / "june.xlsx", [line("A", "D", "x"), line("A", "C", 5)])
    ended = importer(command, path, "--sandbox", "--json", "--out", "reports", folder=tmp_path)
    run = ended.result["run"]
    written = {file.name for file in (tmp_path / "reports").iterdir()}
    assert written >= {f"{run}.{name}" for name in ("html", "problems.csv", "journals.csv", "result.json")}
    assert (tmp_path / "reports" / f"{run}.result.json").read_text(encoding="utf-8") == ended.out


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError):
        write_data_files(result(), tmp_path / "file" / "folder", Language.EN)


def embedded(result: Result, folder: Path) -> dict[str, object]:
    page = write_page(result, folder, Language.ES).read_text(encoding="utf-8")
    text = page.split('<script type="application/json" id="result">')[1].split("</script>")[0]
    document: dict[str, object] = json.loads(text)
    return document


def test_the_page_holds_the_document_that_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = troubled_run()
    write_data_files(ended, tmp_path, Language.ES)
    beside = (tmp_path / f"{ended.run}.result.json").read_bytes()
    assert embedded(ended, tmp_path) == json.loads(beside)
    digest = sha256(beside).hexdigest()
    assert digest in (tmp_path / f"{ended.run}.html").read_text(encoding="utf-8")
    monkeypatch.setattr("importer.report.page.LONGEST_DOCUMENT", 1_000)
    head = embedded(ended, tmp_path)
    assert head["whole"] == {"file": f"{ended.run}.result.json", "sha256": digest}
    assert head["totals"] == json.loads(beside)["totals"] and "problems" not in head
