"""Vouchers are saved under names that an accountant finds, never over another file, and a failure is a value."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.postings import SavedVoucher
from importer.model.results import Company
from importer.post.attachments import PrintContext, reason_words, save_vouchers, voucher_name
from importer.sandbox import Sandbox
from importer.services.session import Session
from importer.services.sunplusxtra.journals import UNDOCUMENTED, PrintFormat
from importer.translations import Language
from tests.post.conftest import session_with
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service, reply

IAN = Company(5, "IAN")


def printed(content: bytes = b"%PDF-1.4 voucher") -> bytes:
    return reply(200, b'{"message": "m", "response": "%b"}' % base64.b64encode(content))


def context_with(session: Session, folder: Path, company: Company = IAN) -> PrintContext:
    return PrintContext(session, company, folder, Language.ES)


def outcomes(saved: list[SavedVoucher]) -> list[str]:
    return [one.outcome.value for one in saved]


def test_each_voucher_is_a_pdf_under_company_journal_and_voucher_number(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "vouchers"
    saved = save_vouchers([(5326, "JV2018-0714"), (5327, None)], context_with(session_with(sandbox), folder))
    assert outcomes(saved) == ["saved", "saved"]
    names = ["5 IAN - 5326 - JV2018-0714 - PFP.pdf", "5 IAN - 5327 - PFP.pdf"]
    assert [Path(one.file or "").name for one in saved] == names == sorted(file.name for file in folder.iterdir())
    assert all(file.read_bytes().startswith(b"%PDF-") for file in folder.iterdir())


def test_no_file_is_written_over_and_the_same_one_is_left_as_it_is(tmp_path: Path) -> None:
    first, second = b"%PDF-1.4 first", b"%PDF-1.4 second"
    with odd_service(printed(first), printed(second), printed(first), printed(second)) as service:
        context = context_with(session_at(service.url), tmp_path)
        files = [save_vouchers([(5326, None)], context)[0].file for _ in range(4)]
    names = [Path(file or "").name for file in files]
    assert names == ["5 IAN - 5326 - PFP.pdf", "5 IAN - 5326 - PFP (2).pdf"] * 2
    assert [(tmp_path / name).read_bytes() for name in names[:2]] == [first, second]
    assert len(list(tmp_path.iterdir())) == 2


def test_two_companies_with_the_same_journal_number_have_two_files(sandbox: Sandbox, tmp_path: Path) -> None:
    session = session_with(sandbox)
    for company in (IAN, Company(11, "K11")):
        save_vouchers([(5326, None)], context_with(session, tmp_path, company))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_journal_that_is_not_there_does_not_keep_the_others_from_being_saved(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    saved = save_vouchers([(99, None), (5326, None)], context_with(session_with(sandbox), tmp_path))
    assert outcomes(saved) == ["refused", "saved"] and saved[0].file is None
    assert "201" in reason_words(saved[0].reason, Language.EN)


def test_what_is_no_pdf_is_not_saved(tmp_path: Path) -> None:
    with odd_service(*[printed(b"<html>")] * 3, printed()) as service:
        saved = save_vouchers([(5326, None), (5327, None)], context_with(session_at(service.url), tmp_path))
    assert outcomes(saved)[0] == "unclear"
    assert len(list(tmp_path.iterdir())) == outcomes(saved).count("saved")


def test_three_unclear_answers_in_a_row_stop_the_rest(tmp_path: Path) -> None:
    with odd_service() as service:
        session = session_at(service.url)
        saved = save_vouchers([(number, None) for number in range(1, 6)], context_with(session, tmp_path))
    assert outcomes(saved) == ["unclear"] * 3 + ["not_saved"] * 2


def test_a_service_out_of_reach_is_asked_for_the_first_voucher_only(tmp_path: Path) -> None:
    with odd_service(printed()) as service:
        session = session_at(service.url)
        save_vouchers([(1, None)], context_with(session, tmp_path))
    saved = save_vouchers([(2, None), (3, None)], context_with(session, tmp_path))
    assert outcomes(saved) == ["not_saved"] * 2 and saved[0].reason == saved[1].reason


def test_a_folder_that_cannot_be_made_is_a_value_and_nothing_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    saved = save_vouchers([(5326, None), (5327, None)], context_with(session_with(sandbox), tmp_path / "file"))
    assert outcomes(saved) == ["not_saved"] * 2 and sandbox.calls["print_journal"] == 0
    assert str(tmp_path / "file") in reason_words(saved[0].reason, Language.FR)


def test_ctrl_c_stops_the_rest(sandbox: Sandbox, tmp_path: Path) -> None:
    session = session_with(sandbox)
    context = PrintContext(session, IAN, tmp_path, Language.EN, interrupts=lambda: sandbox.calls["print_journal"])
    assert outcomes(save_vouchers([(5326, None), (5327, None)], context)) == ["saved", "not_saved"]


@given(name=st.text(), voucher=st.none() | st.text(), number=st.integers(1, 2**63 - 1))
def test_a_name_is_one_that_every_file_system_takes(name: str, voucher: str | None, number: int) -> None:
    found = voucher_name(Company(5, name), number, voucher, PrintFormat.FINANCIAL_POLICY)
    assert str(number) in found and found.startswith("5") and found.endswith(" - PFP.pdf")
    assert not set(found) & set('<>:"/\\|?*') and found.isprintable()
    assert len(found.encode()) <= 255


@pytest.mark.parametrize("print_format", sorted(set(PrintFormat) - UNDOCUMENTED))
def test_the_format_stands_in_the_name_and_travels(sandbox: Sandbox, tmp_path: Path, print_format: PrintFormat) -> None:
    context = PrintContext(session_with(sandbox), IAN, tmp_path, Language.FR, print_format)
    (saved,) = save_vouchers([(5326, None)], context)
    assert Path(saved.file or "").name == f"5 IAN - 5326 - {print_format}.pdf"
