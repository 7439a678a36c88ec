"""One command posts what was mended, from any folder: `importer run --corrections RUN`."""

from decimal import Decimal
from pathlib import Path

import openpyxl

from importer.sandbox import Sandbox
from tests.cli.commands import Ended, importer, settings_of
from tests.cli.test_resume import posted_in, run_in
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.reading import Reading


def mistaken(folder: Path) -> None:
    """J0 is right, J1 has amounts that cannot be read."""
    rows = [[*line(key, side, amount), "1001"] for key, amount in (("J0", Decimal(7)), ("J1", "-")) for side in "DC"]
    write(folder / "june.xlsx", rows, headings=(*HEADINGS, "tfww"))


def mended(corrections: Path) -> None:
    book = openpyxl.load_workbook(corrections)
    for row in book["Sheet"].iter_rows():
        for cell in row:
            if cell.value == "-":
                cell.value = 9
    book.save(corrections)


def elsewhere(folder: Path) -> Path:
    other = folder / "another folder"
    other.mkdir()
    return other


def test_it_runs_the_corrections_of_a_run_wherever_they_are(sandbox: Sandbox, tmp_path: Path) -> None:
    mistaken(tmp_path)
    ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
    (corrections,) = ended.result["corrections"]
    command = f"importer run --corrections {ended.result['run']}"
    book = openpyxl.load_workbook(tmp_path / corrections)
    guide = " ".join(str(cell.value) for row in book.worksheets[0] for cell in row)
    page = (tmp_path / ended.result["report"]).read_text(encoding="utf-8")
    assert command in ended.err and command in Reading(page).text and command in guide
    assert Path(corrections).name in ended.err and Path(corrections).name in page
    mended(tmp_path / corrections)
    other = elsewhere(tmp_path)
    environment = settings_of(sandbox, tmp_path / "s.db")
    again = importer(*command.split()[1:], "--json", folder=other, **environment)
    assert (again.code, again.result["totals"]["posted"]) == (0, 1), again.err
    assert posted_in(sandbox) == ["REF-J0", "REF-J1"]
    begins = importer("run", "--corrections", ended.result["run"][:8], "--json", folder=other, **environment)
    assert begins.code == 3 and "several that begin so" in begins.err


def test_a_run_without_corrections_and_corrections_that_are_gone_are_told(sandbox: Sandbox, tmp_path: Path) -> None:
    mistaken(tmp_path)
    ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
    (corrections,) = ended.result["corrections"]
    (tmp_path / corrections).unlink()
    gone = run_in(sandbox, tmp_path, "run", "--corrections", ended.result["run"][:-1])
    assert gone.code == 3 and str(tmp_path / corrections) in gone.err and "importer run FILE" in gone.err
    write(tmp_path / "good.xlsx", [[*line("J5", side, 5), "1001"] for side in "DC"], headings=(*HEADINGS, "tfww"))
    good = run_in(sandbox, tmp_path, "run", "good.xlsx", "--json")
    nothing = run_in(sandbox, tmp_path, "run", "--corrections", good.result["run"])
    assert nothing.code == 3 and "has no corrections" in nothing.err
    unknown = run_in(sandbox, tmp_path, "run", "--corrections", "2000")
    assert unknown.code == 3 and "importer runs" in unknown.err


def test_either_a_path_or_corrections_are_named(tmp_path: Path) -> None:
    both = importer("run", "june.xlsx", "--corrections", "20180630", folder=tmp_path)
    assert both.code == 2 and "not both" in both.err
    none = importer("run", folder=tmp_path)
    assert none.code == 2 and "PATH" in none.err


def test_a_practice_run_is_mended_by_the_same_command(tmp_path: Path) -> None:
    mistaken(tmp_path)
    ended = importer("run", "june.xlsx", "--sandbox", "--json", folder=tmp_path)
    (corrections,) = ended.result["corrections"]
    command = f"importer run --corrections {ended.result['run']} --sandbox"
    assert command in ended.err
    mended(tmp_path / corrections)
    again = importer(*command.split()[1:], "--json", folder=tmp_path)
    assert (again.code, again.result["totals"]["posted"]) == (0, 1), again.err
    missing = importer("run", "--sandbox", "--corrections", "20000101-000000-000000", folder=tmp_path)
    assert missing.code == 3 and "--out" in missing.err


def test_with_only_if_clean_one_command_posts_all_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    mistaken(tmp_path)
    ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--only-if-clean", "--json")
    assert posted_in(sandbox) == [] and "only a clean workbook" in ended.err
    command = f"importer run --corrections {ended.result['run']} --only-if-clean"
    assert command in ended.err
    mended(tmp_path / ended.result["corrections"][0])
    assert run_in(sandbox, tmp_path, *command.split()[1:]).code == 0
    assert posted_in(sandbox) == ["REF-J0", "REF-J1"]


def test_nothing_is_written_to_be_mended_by_a_run_that_could_not_begin(tmp_path: Path) -> None:
    mistaken(tmp_path)
    ended: Ended = importer("run", "june.xlsx", "--json", folder=tmp_path)
    assert ended.code == 3 and ended.result["stopped_by"]["code"] == "no-address"
    assert ended.result["corrections"] == [] and "--corrections" not in ended.err
    assert "run the same workbook again" in ended.err
