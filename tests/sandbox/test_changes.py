"""A company kept in a folder is the same company after the next start."""

import json
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from importer.sandbox import BrokenFolderError, Company, read_company, running
from importer.sandbox.changes import CHANGES, keeping
from tests.sandbox.caller import Caller, calling, journal, state_of
from tests.sandbox.examples import call_by_example, in_order


def kept(folder: Path) -> Company:
    company = read_company()
    with keeping(company, folder):
        return company


def post(caller: Caller, **of_every_line: object) -> str:
    return str(caller.post("/journal", journal(**of_every_line)).response["journalNumber"])


def test_everything_that_was_done_is_there_at_the_next_start(tmp_path: Path) -> None:
    with running(data=tmp_path / "new" / "folder") as first, calling(first.address) as caller:
        for operation_id in in_order():
            assert call_by_example(caller, operation_id).status == 200
        post(caller, memoAmount=12.5, expiration="2018-07-21", description="Ñandú", amount=1234567.89)
        before = state_of(first.company)
    with running(data=tmp_path / "new" / "folder") as second, calling(second.address) as caller:
        assert state_of(second.company) == before
        assert sum(one.line.amount for one in second.company.ledger.all_movements()) == 0
        assert post(caller) == "5331"
        lines = caller.post("/journal/range/5330/5330").response[0]["lines"]
        assert lines[0]["journalDetail"]["amount"] == Decimal("1234567.89")


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with running() as sandbox, calling(sandbox.address) as caller:
        post(caller)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_request_leaves_no_trace(tmp_path: Path) -> None:
    with running(data=tmp_path) as sandbox, calling(sandbox.address) as caller:
        before = (tmp_path / CHANGES).read_bytes()
        caller.post("/journal", journal({"account": "642198"}))
        caller.put("/employee/27/ERCHOLU01")  # active already
        assert (tmp_path / CHANGES).read_bytes() == before


def test_a_change_is_on_disk_before_it_is_answered(tmp_path: Path) -> None:
    with running(data=tmp_path) as sandbox, calling(sandbox.address) as caller:
        number = post(caller)
        last = (tmp_path / CHANGES).read_text(encoding="utf-8").splitlines()[-1]
        assert json.loads(last)["journal"]["number"] == int(number)


def test_a_line_cut_off_by_a_crash_is_dropped_and_written_over(tmp_path: Path) -> None:
    with running(data=tmp_path) as sandbox, calling(sandbox.address) as caller:
        post(caller)
        post(caller)
    file = tmp_path / CHANGES
    whole = file.read_bytes()
    for cut in (1, 40, len(whole.splitlines()[-1])):
        file.write_bytes(whole[:-cut])
        with running(data=tmp_path) as sandbox, calling(sandbox.address) as caller:
            assert max(number for number in sandbox.company.ledger.journals if number != 5588) == 5329
            assert post(caller) == "5330"
        assert kept(tmp_path).ledger.last_number == 5330


def test_a_start_cut_off_while_the_head_was_written_is_a_fresh_one(tmp_path: Path) -> None:
    (tmp_path / CHANGES).write_bytes(b'{"kept')
    assert kept(tmp_path).ledger.last_number == 5328
    assert kept(tmp_path).ledger.last_number == 5328


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b"\xff",
        b'{"change":"Nothing"}',
        b'{"change":"AddressRemoved","code":"never there"}',
        b'{"change":"AddressSet"}',
        b'{"change":"JournalPosted","journal":{"lines":[{"amount":"x"}]}}',
        b'{"change":"EmployeeActivated","payroll":1,"enrollment_code":""}',
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: bytes) -> None:
    kept(tmp_path)
    with (tmp_path / CHANGES).open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(BrokenFolderError, match=r"line 2 of changes\.jsonl"), running(data=tmp_path):
        pass


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / CHANGES).write_bytes(b"my diary\n")
    with pytest.raises(BrokenFolderError, match="not written by this version"), running(data=tmp_path):
        pass
    assert (tmp_path / CHANGES).read_bytes() == b"my diary\n"


def test_a_folder_is_for_one_sandbox_at_a_time(tmp_path: Path) -> None:
    with running(data=tmp_path), pytest.raises(BrokenFolderError, match="another sandbox"), running(data=tmp_path):
        pass
    with running(data=tmp_path):
        pass


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BrokenFolderError), running(data=folder):
            pass


def test_an_error_of_the_block_is_not_an_error_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="mine") as raised, running(data=tmp_path):
        raise OSError("mine")
    assert not isinstance(raised.value, BrokenFolderError)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_what_cannot_be_written_down_is_not_done(tmp_path: Path) -> None:
    with running(data=tmp_path) as sandbox, calling(sandbox.address) as caller:
        keep = sandbox.company.keep
        assert isinstance(keep, partial)
        with Path("/dev/full").open("r+b", buffering=0) as full:
            sandbox.company.keep = partial(keep.func, full)
            answer = caller.send("POST", "/journal", journal(), is_documented=False)
            sandbox.company.keep = keep
        assert answer.status == 500
        assert sandbox.company.ledger.last_number == 5328
        with calling(sandbox.address) as later:  # the connection of a request that failed is closed
            assert post(later) == "5329"
    assert (tmp_path / CHANGES).stat().st_size > 0
    assert kept(tmp_path).ledger.last_number == 5329
