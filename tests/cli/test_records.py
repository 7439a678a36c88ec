"""Dimensions and addresses from the workbook to the service and back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import load_workbook

from importer.sandbox import Sandbox, running
from importer.templates.forms import ADDRESSES, DIMENSIONS
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.cli.commands import Ended, importer, settings_of

Row = Mapping[str, str]
NEW = {"catId": "7", "code": "DP0999", "name": "Nuevo"}
ADDRESS = {"addressCode": "A-1", "addressLine1": "Calle 1", "lookupCode": "A-1", "status": "0"}
WRITES = (
    *("create_dimension_code", "update_dimension_code", "delete_dimension_code"),
    *("create_address", "update_address", "delete_address"),
)


def run(sandbox: Sandbox, folder: Path, dimensions: Sequence[Row], addresses: Sequence[Row], *flags: str) -> Ended:
    rows = {"dimensions": list(dimensions), "addresses": list(addresses)}
    book = workbook_of([DIMENSIONS, ADDRESSES], Language.EN, rows)
    (folder / "records.xlsx").write_bytes(book)
    environment = settings_of(sandbox, folder / "s.db")
    return importer("run", "records.xlsx", "--json", *flags, folder=folder, **environment)


def test_records_are_made_changed_left_alone_and_deleted(tmp_path: Path) -> None:
    with running() as sandbox:
        needed = {
            f"analysis{key.removeprefix('Analysis')}.{member}": value
            for key, one in sandbox.company.required_address_codes.items()
            for member, value in (
                ("id", str(one["anlCatId"])),
                ("code", "10"),
                ("entryNum", str(one["entryNum"])),
            )
        }
        address = ADDRESS | needed
        made = run(sandbox, tmp_path, [NEW], [address])
        assert [one["status"] for one in made.result["documents"]] == ["posted"] * 2, made.out
        equal = run(sandbox, tmp_path, [NEW], [address])
        assert [one["status"] for one in equal.result["documents"]] == ["already_posted"] * 2
        changed = run(sandbox, tmp_path, [NEW | {"name": "Otro"}], [{"addressCode": "A-1", "area": "Centro"}])
        told = [(one["action"], one["changes"]) for one in changed.result["documents"]]
        assert told == [
            ("update", [{"field": "name", "before": "Nuevo", "after": "Otro"}]),
            ("update", [{"field": "area", "before": "", "after": "Centro"}]),
        ]
        assert sandbox.company.addresses["A-1"]["addressLine1"] == "Calle 1"
        gone = [{"action": "delete", "catId": "7", "code": "DP0999"}], [{"action": "delete", "addressCode": "A-1"}]
        kept = run(sandbox, tmp_path, *gone)
        assert (kept.code, {one["code"] for one in kept.result["problems"]}) == (1, {"not-allowed"})
        (corrections,) = kept.result["corrections"]
        guide = [str(one.value) for row in load_workbook(tmp_path / corrections).worksheets[0] for one in row]
        run_again = f"importer run --corrections {kept.result['run']} --allow-delete"
        assert sum(run_again in one for one in guide) == 1, guide
        deleted = run(sandbox, tmp_path, *gone, "--allow-delete")
        assert [one["status"] for one in deleted.result["documents"]] == ["posted"] * 2
        assert "A-1" not in sandbox.company.addresses
        assert {name: sandbox.calls[name] for name in WRITES} == dict.fromkeys(WRITES, 1)
