"""What could not be posted comes back as workbooks; mended as their notes say and run, they post the rest, once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, Ended
from tests.samples.kept import Entry, KeptCompany, entries_of, kept_company
from tests.samples.mending import mend
from tests.samples.mistakes import MISTAKES

SAMPLES = [ROOT / "samples" / f"{name}.xlsx" for name in MISTAKES]


@dataclass(frozen=True)
class Loop:
    """One company through all of it: the bad samples are run, each corrections workbook is mended, checked and run."""

    company: KeptCompany
    bad: Ended
    check_of_mended: Ended
    mended: Ended
    ledger: Counter[Entry]
    """What the ledger held then."""

    @property
    def corrections(self) -> list[Path]:
        """The corrections workbooks."""
        return [self.company.folder / path for path in self.bad.result["corrections"]]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with kept_company(tmp_path_factory.mktemp("loop")) as company:
        bad = company.call("run", *SAMPLES, "--json")
        corrections = [company.folder / path for path in bad.result["corrections"]]
        for path in corrections:
            name = sample_of(path)
            of_sample = [one for one in bad.result["documents"] if Path(one["file"]).stem == name]
            mend(path, MISTAKES[name](), of_sample)
        checked = company.call("check", *corrections, "--json")
        mended = company.call("run", *corrections, "--json")
        yield Loop(company, bad, checked, mended, company.journals())


def sample_of(corrections: Path) -> str:
    return corrections.name.partition(".")[0]


def states(ended: Ended) -> set[str]:
    return {one["status"] for one in ended.result["documents"]}


def test_each_bad_sample_has_its_corrections_workbook(loop: Loop) -> None:
    assert loop.bad.code == 1
    assert Counter(map(sample_of, loop.corrections)) == Counter(list(MISTAKES))


def test_mended_as_the_notes_say_each_is_right(loop: Loop) -> None:
    assert [one for one in loop.check_of_mended.result["problems"] if one["severity"] == "error"] == []
    assert loop.check_of_mended.code == 0 and states(loop.check_of_mended) == {"ready"}


def test_run_they_post_what_was_missing_and_nothing_else(loop: Loop) -> None:
    assert loop.mended.code == 0, loop.mended.err
    missing = [one["key"] for one in loop.bad.result["documents"] if one["status"] != "posted"]
    missing.remove("07/PR0021")  # it stood in its sheet twice
    assert Counter(one["key"] for one in loop.mended.result["documents"]) == Counter(missing)
    assert states(loop.mended) == {"posted"} and loop.mended.result["problems"] == []
    assert loop.mended.result["corrections"] == []


def test_the_ledger_holds_each_journal_once_as_it_was_meant(loop: Loop) -> None:
    meant = [MISTAKES[name]().meant.get("journals", ()) for name in MISTAKES]
    wanted = sum((entries_of([row for row in rows if row is not None]) for rows in meant), Counter[Entry]())
    assert loop.ledger == wanted and set(wanted.values()) == {1}


def test_codes_and_addresses_are_as_they_were_meant(loop: Loop) -> None:
    assert loop.company.codes("07")["PR0021"] == ("PR0021", "Ferretería El Tornillo", 0)
    assert loop.company.codes("07")["PR0022"] == ("PR0022", "Viajes del Sureste", 0)
    assert loop.company.codes("07")["PR0011"][1] == "Pozos Chan"
    assert loop.company.codes("04")["PUBL01"] == ("PUBL01", "Publications and Bookstore", 0)
    assert {"PR/0031", "PR/0032"} <= loop.company.addresses().keys()


def test_run_once_more_nothing_is_posted(loop: Loop) -> None:
    again = loop.company.call("run", *loop.corrections, "--json")
    assert again.code == 0 and states(again) == {"already_posted"}
    assert loop.company.journals() == loop.ledger


def test_the_right_month_is_known_to_be_posted_though_half_of_it_came_from_corrections(loop: Loop) -> None:
    right = loop.company.call("run", ROOT / "samples" / "journals-june.xlsx", "--json")
    assert (right.code, right.result["totals"]["already_posted"]) == (0, 41)
    assert loop.company.journals() == loop.ledger


def test_the_bad_samples_run_again_post_nothing(loop: Loop) -> None:
    again = loop.company.call("run", *SAMPLES, "--json")
    assert again.code == 1 and "posted" not in states(again)
    assert loop.company.journals() == loop.ledger


def test_corrections_of_journals_are_passed_over_in_a_folder_once_they_are_posted(loop: Loop, tmp_path: Path) -> None:
    month = ROOT / "samples" / "journals-june.xlsx"
    of_journals = [path for path in loop.corrections if MISTAKES[sample_of(path)]().meant.keys() == {"journals"}]
    for path in [*of_journals, month]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    ended = loop.company.call("run", tmp_path, "--json")
    assert ended.code == 0, ended.err
    assert [Path(one["path"]).name for one in ended.result["files"]] == [month.name]
    assert len(of_journals) > 9 and states(ended) == {"already_posted"}
