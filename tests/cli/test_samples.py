"""The good samples, run as the README says: everything is posted, once, as it stands in the workbook."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, Ended, importer
from tests.samples.kept import KeptCompany, entries_of, kept_company
from tests.samples.workbooks import GOOD, WORKBOOKS

DOCUMENTS: Mapping[str, tuple[int, int]] = {
    "journals-june": (41, 277),
    "journals-june-es": (12, 46),
    "debit-credit": (7, 30),
    "dimensions": (7, 7),
    "addresses": (3, 3),
    "all-in-one": (5, 8),
}
"""How many documents and rows each sample has."""


def sample(name: str) -> Path:
    return ROOT / "samples" / f"{name}.xlsx"


def test_every_good_sample_is_posted_whole_in_the_practice_company(tmp_path: Path) -> None:
    ended = importer("run", *map(sample, GOOD), "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 0, ended.err
    result, journals = ended.result, [one for one in ended.result["documents"] if one["kind"] == "journal"]
    documents, rows = (sum(counts) for counts in zip(*DOCUMENTS.values(), strict=True))
    assert (result["totals"]["posted"], result["row_totals"]["posted"]) == (documents, rows)
    assert (result["totals"]["documents"], result["totals"]["rows"]) == (documents, rows)
    assert result["problems"] == [] and result["corrections"] == []
    assert result["sandbox"] is True and result["company"]["id"] == 5
    assert all(one["attempts"] == 1 for one in result["documents"])
    assert all(one["verified"] is True and one["debit"] == one["credit"] != "0.00" for one in journals)
    assert len({one["journal_number"] for one in journals}) == len(journals)
    assert (tmp_path / result["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[KeptCompany]:
    with kept_company(tmp_path) as kept:
        yield kept


@pytest.mark.parametrize("name", GOOD)
def test_a_sample_run_twice_is_in_the_ledger_once_as_it_stands_in_the_workbook(name: str, company: KeptCompany) -> None:
    first = company.call("run", sample(name), "--json")
    again = company.call("run", sample(name), "--json")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert _counts(first) == {"posted": DOCUMENTS[name][0]}
    assert _counts(again) == {"already_posted": DOCUMENTS[name][0]}
    assert first.result["problems"] == again.result["problems"] == []
    assert _numbers(first) == _numbers(again)
    assert company.journals() == entries_of(GOOD[name].rows.get("journals", []))


def _counts(ended: Ended) -> dict[str, int]:
    states = ("posted", "already_posted", "refused", "invalid", "unknown", "not_sent", "ready")
    return {state: ended.result["totals"][state] for state in states if ended.result["totals"][state]}


def _numbers(ended: Ended) -> list[object]:
    return [one["journal_number"] for one in ended.result["documents"]]


def test_the_codes_of_the_sample_are_as_it_says(company: KeptCompany) -> None:
    before = {number: company.codes(number) for number in ("04", "06", "07", "09")}
    assert company.call("run", sample("dimensions")).code == 0
    changed = {
        (number, code): told
        for number, known in before.items()
        for code, told in company.codes(number).items()
        if known.get(code) != told
    }
    assert changed == {
        ("07", "PR0004"): ("CEIBA", "Imprenta La Ceiba", 0),
        ("07", "EM0044"): ("EM0044", "Uc Balam, Rebeca", 0),
        ("09", "WELL2018"): ("WELL2018", "Well of the Youth Camp", 0),
        ("04", "MUSIC01"): ("MUSIC01", "Music", 0),
        ("06", "C0103"): ("Southern Church", "Southern Church, Kanasín", 0),
        ("09", "CAMP2019"): ("Youth Camp 2019", "Youth Camp 2019", 1),
        ("07", "DP0122"): ("", "Durán Pech, Tomás", 0),
    }


def test_the_addresses_of_the_sample_are_as_it_says(company: KeptCompany) -> None:
    before = company.addresses()
    assert company.call("run", sample("addresses")).code == 0
    after = company.addresses()
    assert after.keys() - before.keys() == {"1002003005", "1002003006"}
    assert after["1002003004"] == before["1002003004"]
    changed = {name for name, told in after["PR/0001"].items() if told != before["PR/0001"][name]}
    assert changed - {"postalCode"} == {"telephoneNumber", "emailAddress"}
    assert after["PR/0001"]["telephoneNumber"] == "+52 (999) 555-0178"
    north = after["1002003005"]
    assert (north["addressLine1"], north["lookupCode"].rstrip(), north["status"]) == ("Templo del Norte", "NORTE", 1)
    assert north["analysisCodes"] == {
        "Analysis1": {"id": "20", "code": "RFC", "entryNum": "1"},
        "Analysis2": {"id": "17", "code": "AR", "entryNum": "2"},
        "Analysis3": {"id": "14", "code": "CULTO", "entryNum": "3"},
        "Analysis4": {"id": "19", "code": "CHURCH", "entryNum": "4"},
    }


def test_all_in_one_makes_the_codes_and_the_address_that_its_journals_need(company: KeptCompany) -> None:
    assert company.call("run", sample("all-in-one")).code == 0
    assert company.codes("07")["PR0010"] == ("POZOS", "Pozos del Mayab", 0)
    assert company.codes("09")["POZO2018"] == ("POZO2018", "Well of the Camp", 0)
    assert company.addresses()["PR/0010"]["addressLine1"] == "Pozos del Mayab"


@pytest.mark.parametrize("name", WORKBOOKS)
def test_committed_workbooks_are_what_the_code_writes(name: str) -> None:
    assert (ROOT / name).read_bytes() == WORKBOOKS[name](), "python -m tests.samples writes them anew"


def test_no_workbook_stands_there_that_the_code_does_not_write() -> None:
    found = {str(path.relative_to(ROOT).as_posix()) for path in (ROOT / "samples").glob("*.xlsx")}
    assert found == {name for name in WORKBOOKS if name.startswith("samples/")}
