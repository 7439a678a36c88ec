"""What a run does besides posting: files, vouchers, stamps, corrections that are done with, another company's lists."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfWriter

from importer.run import files_and_vouchers
from importer.sandbox import Sandbox, running
from importer.settings import read_settings
from importer.templates.form_sheet import RowValues
from importer.templates.forms import JOURNALS
from importer.templates.lists import Lists
from importer.translations import Language
from tests.cli.commands import importer, settings_of
from tests.cli.test_resume import posted_in, run_in, workbook
from tests.report.stories import good_run
from tests.sandbox.faults import Fault, play
from tests.templates.practice import template_of


def bill(path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_metadata({"/Title": path.name})
    writer.write(path)


def with_attachment(file: Path, row: int, text: str) -> None:
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    column = sheet.max_column + 1
    sheet.cell(1, column).value = "attachment"
    sheet.cell(row, column).value = text
    book.save(file)


def test_files_are_linked_to_their_lines_and_vouchers_saved(tmp_path: Path) -> None:
    file = workbook(tmp_path, journals=2)
    with_attachment(file, 3, "bill.pdf")
    bill(tmp_path / "bill.pdf")
    with running() as sandbox:
        before = len(sandbox.company.documents)
        arguments = ("run", "june.xlsx", "--json", "--attach-workbook", "--print", "vouchers")
        ended = run_in(sandbox, tmp_path, *arguments)
        again = run_in(sandbox, tmp_path, *arguments)
        documents = sandbox.company.documents
    assert ended.code == again.code == 0, ended.err
    numbers = [one["journal_number"] for one in ended.result["documents"]]
    told = {
        (Path(one["file"]).name, one["journal_number"], one["line"], one["outcome"]) for one in ended.result["links"]
    }
    assert told == {
        ("bill.pdf", numbers[0], 2, "linked"),
        ("june.xlsx", numbers[0], None, "linked"),
        ("june.xlsx", numbers[1], None, "linked"),
    }
    assert len(documents) == before + 3 and again.result["links"] == []
    assert [one["outcome"] for one in ended.result["vouchers"]] == ["saved", "saved"]
    assert all((tmp_path / one["file"]).read_bytes().startswith(b"%PDF-") for one in ended.result["vouchers"])
    page = (tmp_path / ended.result["report"]).read_text(encoding="utf-8")
    assert "Linked files" in page and "bill.pdf" in page and "Vouchers" in page


def test_a_file_whose_answer_was_lost_is_told_and_not_sent_again(tmp_path: Path) -> None:
    file = workbook(tmp_path, journals=1)
    with_attachment(file, 2, "bill.pdf")
    bill(tmp_path / "bill.pdf")
    with running() as sandbox:
        play(sandbox, Fault("link_document"))
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert sandbox.calls["link_document"] == 1
    assert ended.code == 4
    assert [one["status"] for one in ended.result["documents"]] == ["posted"]
    (problem,) = ended.result["problems"]
    assert (problem["code"], problem["row"], problem["field"]) == ("attachment-unknown", 2, "attachment")


def test_a_file_outside_the_folder_keeps_its_journal_from_being_posted(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    file = workbook(tmp_path / "books", journals=1)
    with_attachment(file, 2, "../bill.pdf")
    bill(tmp_path / "bill.pdf")
    with running() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "books/june.xlsx", "--json")
        assert (ended.code, posted_in(sandbox)) == (1, [])
        environment = settings_of(sandbox, tmp_path / "s.db") | {"IMPORTER_ATTACHMENTS": str(tmp_path)}
        ended = importer("run", "books/june.xlsx", "--json", folder=tmp_path, **environment)
    assert ended.code == 0 and [one["outcome"] for one in ended.result["links"]] == ["linked"]


def test_the_report_shows_the_stamps_of_the_month_where_sovos_is_set_up(tmp_path: Path) -> None:
    workbook(tmp_path, journals=1)
    with running() as sandbox:
        at = sandbox.address
        environment = settings_of(sandbox, tmp_path / "s.db")
        environment |= {"SOVOS_URL": at.sovos_url, "SOVOS_API_KEY": at.sovos_api_key}
        ended = importer("run", "june.xlsx", "--json", folder=tmp_path, **environment)
    assert ended.result["stamps"]["month"] == "2018-06"
    assert "Stamps of 2018\N{NON-BREAKING HYPHEN}06" in (tmp_path / ended.result["report"]).read_text(encoding="utf-8")


def test_corrections_that_were_posted_are_passed_over_in_a_folder(tmp_path: Path) -> None:
    file = workbook(tmp_path, journals=2)
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["C2"].value = "999999"
    book.save(file)
    with running() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        (corrections,) = ended.result["corrections"]
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        mended = inbox / Path(corrections).name
        shutil.copy(tmp_path / corrections, mended)
        _mend(mended, "999999", "101110")
        first = run_in(sandbox, tmp_path, "run", "inbox", "--json")
        assert (first.code, first.result["totals"]["posted"]) == (0, 1), first.out
        workbook(inbox, journals=3, name="july.xlsx")
        second = run_in(sandbox, tmp_path, "run", "inbox", "--json")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]
    assert [Path(one["path"]).name for one in second.result["files"]] == ["july.xlsx"]
    assert ended.code == 1 and second.code == 0


def test_corrections_that_have_gone_since_they_were_read_are_posted_as_they_were_read(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    gone = workbook(inbox, journals=1, name="june.corrections.xlsx")

    def remove(request: str) -> None:
        if "/cash-count" in request:  # the login and the lists are asked for while the workbook is read
            gone.unlink(missing_ok=True)

    with running(log=remove) as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "inbox", "--json")
        assert posted_in(sandbox) == ["REF-J0"]
    assert not gone.exists() and ended.code == 0, ended.err


def test_a_run_of_which_nothing_is_in_the_ledger_tells_no_stamps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running() as sandbox:
        sovos = {"SOVOS_URL": sandbox.address.sovos_url, "SOVOS_API_KEY": sandbox.address.sovos_api_key}
        settings = read_settings({}, sovos, lambda _: None)
        told = [
            files_and_vouchers.stamps_of_result(one, settings)
            for one in (replace(good_run(), documents=()), good_run())
        ]
    assert told[0] is None
    assert told[1] is not None and told[1].month == "2018-06"


def _mend(file: Path, wrong: str, right: str) -> None:
    book = openpyxl.load_workbook(file)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == wrong:
                    cell.value = right
    book.save(file)


@pytest.mark.parametrize(("id_", "age", "codes"), [(5, 1, []), (7, 1, ["wrong-company"]), (5, 40, ["stale-lists"])])
def test_lists_of_another_company_stop_a_workbook_and_old_ones_are_a_warning(
    id_: int, age: int, codes: list[str], tmp_path: Path
) -> None:
    taken = datetime.now(UTC) - timedelta(days=age)
    lists = Lists(id_, "IAN", taken)
    cells = [_cells(side) for side in "DC"]
    (tmp_path / "june.xlsx").write_bytes(template_of(JOURNALS, Language.EN, cells, lists, 10))
    with running() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert _codes(ended.result) == codes
        assert len(posted_in(sandbox)) == ("wrong-company" not in codes)
        if codes == ["wrong-company"]:
            assert ended.code == 3
            assert run_in(sandbox, tmp_path, "run", "june.xlsx", "--any-company").code == 0
            assert len(posted_in(sandbox)) == 1


def _codes(result: dict[str, object]) -> list[str]:
    problems = result["problems"]
    assert isinstance(problems, list)
    return [str(one["code"]) for one in problems]


def _cells(side: str) -> RowValues:
    return {
        "journal": "J0",
        "journalType": "JV",
        "account": "101110",
        "treference": "REF-J0",
        "tfww": "1001",
        "fund": "10",
        "description": "Line",
        "transaction": side,
        "amount": Decimal("5.10"),
        "currency": "MXN1",
        "transDateTime": date(2018, 6, 30),
        "period": "2018006",
    }


def test_the_workbook_may_be_gone_when_files_are_linked_by_resume(tmp_path: Path) -> None:
    file = workbook(tmp_path, journals=1)
    with_attachment(file, 2, "bill.pdf")
    bill(tmp_path / "bill.pdf")
    with running() as sandbox:
        play(sandbox, Fault("post_journal", nth=[1]))
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-wait")
        assert (ended.code, ended.result["links"]) == (4, [])
        file.unlink()
        resumed = run_in(sandbox, tmp_path, "resume", "--json")
    assert resumed.code == 0, resumed.err
    assert [one["outcome"] for one in resumed.result["links"]] == ["linked"]


def test_a_practice_company_of_another_sandbox_is_another_company(tmp_path: Path) -> None:
    workbook(tmp_path, journals=1)
    numbers: list[Sandbox] = []
    for _ in range(2):
        with running() as sandbox:
            ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
            assert ended.result["totals"]["posted"] == 1
            numbers.append(sandbox)
    assert len({one.company.identity for one in numbers}) == 2
