"""The whole command against an independent reading of the contract."""

import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.cli.commands import importer, settings_for
from tests.cli.workbooks import line, write
from tests.independent_service import independent_service


def test_every_request_keeps_the_contract_and_every_cent_arrives(tmp_path: Path) -> None:
    amounts = [Decimal(cents) / 100 for cents in (1, 10, 99, 1863010, 7777777, 10000000, 999999999999, 123456789)]
    rows = []
    for number, amount in enumerate(amounts):
        rows += [line(f"J{number}", "D", float(amount)), line(f"J{number}", "C", str(amount))]
    write(tmp_path / "june.xlsx", rows)
    with independent_service() as service:
        ended = importer("run", "june.xlsx", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 0, ended.err
    assert service.faults == [] and service.logins == 1
    sent = sorted(Decimal(lines[0]["amount"]) for lines in service.journals)
    assert sent == sorted(amounts)
    for lines in service.journals:
        assert [one["line"] for one in lines] == [1, 2] and [one["transaction"] for one in lines] == ["D", "C"]
        assert len(lines[0]) == 50 and lines[0]["memoAmount"] == "" and lines[0]["description25"] == ""


def test_each_complaint_is_on_its_own_row(tmp_path: Path) -> None:
    """Rows shuffled, blank rows between, the heading row third; account, fund and period typed as numbers."""
    rows = []
    for number in range(12):
        for side in "DC":
            mark = f"{number}-{side}"
            rows.append(
                line(f"J{number}", side, 10 + number, account=101110, fund=10, period=2018006, description=mark)
            )
    dice = random.Random(7)
    dice.shuffle(rows)
    spread = [cells for row in rows for cells in ([row] if dice.random() < 0.6 else [[], row])]
    write(tmp_path / "june.xlsx", spread, above=2)

    def refuse(sent: Mapping[str, Any]) -> str | None:
        assert (sent["account"], sent["fund"], sent["period"]) == ("101110", "10", "2018006")
        number, side = sent["description"].split("-")
        return f"complaint about {sent['description']}" if int(number) % 3 == 0 and side == "C" else None

    with independent_service(refuse) as service:
        ended = importer("run", "june.xlsx", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 1 and service.faults == [] and len(service.journals) == 8
    complaints = [problem for problem in ended.result["problems"] if problem["code"] == "refused-line"]
    assert len(complaints) == len(ended.result["problems"]) == 4
    for complaint in complaints:
        mark = complaint["message"].rpartition("about ")[2]
        assert spread[complaint["row"] - 4][5] == mark
        assert complaint["document"] == f"J{mark.split('-')[0]}" and complaint["origin"] == "service"


def test_a_second_run_sends_nothing_though_a_copy_stands_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", 5), line("A", "C", 5), line("B", "D", 7), line("B", "C", 7)])
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        first = importer("run", "june.xlsx", "--json", folder=tmp_path, **settings)
        write(tmp_path / "renamed.xlsx", [line("x", "C", 7, treference="REF-B"), line("x", "D", 7, treference="REF-B")])
        again = importer("run", "june.xlsx", "renamed.xlsx", "--json", folder=tmp_path, **settings)
    assert (first.code, again.code) == (0, 0) and len(service.journals) == 2
    numbers = {one["key"]: one["journal_number"] for one in first.result["documents"]}
    found = [(one["status"], one["journal_number"]) for one in again.result["documents"]]
    assert found == [("already_posted", numbers[key]) for key in ("A", "B", "B")]
    assert [one["code"] for one in again.result["problems"]] == ["duplicate-document"]


def test_a_file_and_its_copy_are_posted_once(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", 5), line("A", "C", 5)])
    (tmp_path / "copy.xlsx").write_bytes((tmp_path / "june.xlsx").read_bytes())
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        check = importer("check", ".", "--json", folder=tmp_path, **settings).result
        ended = importer("run", "june.xlsx", ".", "june.xlsx", "--json", folder=tmp_path, **settings)
    (money,) = check["money"]
    assert (check["totals"]["ready"], money["ready"]["debit"], money["workbook"]["debit"]) == (1, "5.00", "10.00")
    assert ended.code == 0 and len(service.journals) == 1
    assert sorted(one["status"] for one in ended.result["documents"]) == ["already_posted", "posted"]
    assert [one["code"] for one in ended.result["problems"]] == ["duplicate-document"]


def test_a_renamed_and_resorted_workbook_alone_is_the_same_journals(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", 5), line("A", "C", 5)])
    write(tmp_path / "renamed.xlsx", [[], line("k", "C", 5, treference="REF-A"), line("k", "D", 5, treference="REF-A")])
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        importer("run", "june.xlsx", folder=tmp_path, **settings)
        again = importer("run", "renamed.xlsx", "--json", folder=tmp_path, **settings)
    assert again.code == 0 and len(service.journals) == 1
    assert again.result["totals"]["already_posted"] == 1


def test_no_secret_is_shown_or_kept_anywhere(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", 5), line("A", "C", 5)])
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = importer("run", "june.xlsx", "--json", "--debug", folder=tmp_path, **settings)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in ("canary-password", "bearer token"):
        assert secret not in ended.out + ended.err and secret.encode() not in kept
