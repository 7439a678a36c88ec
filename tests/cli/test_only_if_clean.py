"""`--only-if-clean` with a mistake in the workbook: nothing is sent, and what is there is told all the same."""

from decimal import Decimal
from pathlib import Path

from tests.cli.test_resume import posted_in, run_in, service, workbook
from tests.cli.workbooks import HEADINGS, line, write


def test_what_an_earlier_run_posted_is_told_beside_a_mistake(tmp_path: Path) -> None:
    workbook(tmp_path, 2)
    with service() as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        rows = [
            [*line(f"J{number}", side, amount), "1001"]
            for number, amount in enumerate((Decimal("1.10"), Decimal("2.10"), Decimal(7), "-"))
            for side in "DC"
        ]
        write(tmp_path / "june.xlsx", rows, headings=(*HEADINGS, "tfww"))
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--only-if-clean")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1"]
        assert (tmp_path / ended.result["report"]).is_file()
        (tmp_path / ended.result["report"]).unlink()
        again = run_in(sandbox, tmp_path, "report", ended.result["run"])
        assert run_in(sandbox, tmp_path, "resume").code == 0 and len(posted_in(sandbox)) == 2
    assert [one["status"] for one in ended.result["documents"]] == [
        *["already_posted"] * 2,
        *("not_sent", "invalid"),
    ]
    numbers = [one["journal_number"] for one in first.result["documents"]]
    assert [one["journal_number"] for one in ended.result["documents"]] == [*numbers, None, None]
    assert (ended.code, again.code) == (1, 0), again.err
