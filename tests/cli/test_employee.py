"""`importer employee activate`: shown, asked, done once, and looked at where the answer was lost."""

import json
import sys
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.cli.commands import importer, settings_for, settings_of
from tests.services.odd_service import odd_service, reply

COMPANY = reply(200, b'{"response": {"id": 5, "name": "IAN", "rfc": "X"}}')
INACTIVE, ACTIVE, UNTOLD = (
    reply(200, b'{"response": [{"active": %b, "enrollmentCode": "ER00000", "name": "CRUZ, ANA"}]}' % active)
    for active in (b"false", b"true", b"null")
)
DENIED = reply(201, b'{"message": "m", "code": "203", "description": "no", "error": true}')
INVALID = reply(201, b'{"message": "m", "code": "206", "description": "no", "error": true}')


def activate(folder: Path, settings: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    ended = importer("employee", "activate", *arguments, folder=folder, **settings)
    return ended.code, ended.out, ended.err


def is_active(sandbox: Sandbox, code: str) -> bool | None:
    return sandbox.company.payrolls[27].employees[code].active


def test_an_inactive_employee_becomes_active_and_a_second_time_nothing_is_sent(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = settings_of(sandbox, tmp_path / "s.db")
    assert is_active(sandbox, "ER00000") is False
    code, out, _ = activate(tmp_path, settings, "ER00000", "--payroll", "27", "--json")
    assert code == 0 and is_active(sandbox, "ER00000")
    assert (json.loads(out)["outcome"], json.loads(out)["active"]) == ("activated", True)
    code, out, _ = activate(tmp_path, settings, "ER00000", "--payroll", "27")
    assert code == 0 and "ER00000" in out and sandbox.calls["activate_employee"] == 1


def test_an_employee_who_is_not_there_is_exit_code_1(sandbox: Sandbox, tmp_path: Path) -> None:
    code, out, error = activate(tmp_path, settings_of(sandbox, tmp_path / "s.db"), "NOBODY", "--payroll", "27")
    assert code == 1 and out == "" and "NOBODY" in error and sandbox.calls["activate_employee"] == 0


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([ACTIVE], 0),
        ([None, ACTIVE], 0),
        ([None, None, None, ACTIVE], 0),
        ([None, None, None, INACTIVE], 3),
        ([None, None, None, UNTOLD], 4),
        ([None, None, None, None, None, None], 4),
        ([DENIED, INACTIVE], 1),
        ([DENIED, ACTIVE], 0),
        ([INVALID], 1),
        ([INACTIVE, ACTIVE], 0),
        ([INACTIVE, INACTIVE], 3),
    ],
)
def test_what_is_true_afterwards_decides(answers: list[bytes | None], code: int, tmp_path: Path) -> None:
    with odd_service(COMPANY, INACTIVE, *answers) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        found, out, error = activate(tmp_path, settings, "ER00000", "--payroll", "27", "--yes")
    assert found == code, error
    assert "ER00000" in (error if code else out)
    assert service.answers == []


def test_without_its_payroll_no_employee_is_meant(tmp_path: Path) -> None:
    assert activate(tmp_path, {}, "ER00000")[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
@pytest.mark.parametrize(("answer", "code", "is_done"), [("n", 3, False), ("y", 0, True)])
def test_a_person_is_asked_first(sandbox: Sandbox, tmp_path: Path, answer: str, code: int, is_done: bool) -> None:
    from tests.cli.test_terminal import Screen

    settings = settings_of(sandbox, tmp_path / "s.db")
    screen = Screen(tmp_path, settings, "employee", "activate", "ER00000", "--payroll", "27")
    screen.read_until("[y/N]")
    assert "MÉNDEZ" in screen.text and sandbox.calls["activate_employee"] == 0
    screen.type(f"{answer}\n")
    assert screen.end() == code and is_active(sandbox, "ER00000") is is_done
