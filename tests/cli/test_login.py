"""`importer login`: one login, a second one by the other dialect only when asked for, never a third; what worked is
kept."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importer import APPLICATION
from importer.sandbox import Sandbox, running
from tests.cli.commands import ROOT, Ended, settings_for, settings_of
from tests.cli.commands import importer_forked as importer
from tests.services.odd_service import odd_service, reply

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal of POSIX is needed", allow_module_level=True)

from tests.cli.test_terminal import Screen

# Which keyrings are safe is told by the module that they come from; this one writes into a file of the test.
KEYRING = """
import json, os, sys, types
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    __module__ = "keyring.backends.libsecret.of_the_test"
    priority = 1
    file = os.environ["TEST_KEYRING"]
    def get_password(self, service, username):
        return json.load(open(self.file)).get(service + "|" + username) if os.path.exists(self.file) else None
    def set_password(self, service, username, password):
        with open(self.file, "w") as output:
            json.dump({service + "|" + username: password}, output)
    def delete_password(self, service, username):
        os.remove(self.file)

module = types.ModuleType("keyring.backends.libsecret.of_the_test")
module.Keyring = Keyring
sys.modules[module.__name__] = module
"""
GONE = reply(221, b'{"message": "SPX user not found", "error": true}')


@pytest.fixture(params=["document", "live"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with running(dialect=request.param) as sandbox:
        yield sandbox


@pytest.fixture
def keyring(tmp_path: Path) -> dict[str, str]:
    """The environment in which the system has a safe keyring."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(KEYRING)
    return {
        "PYTHONPATH": f"{tmp_path / 'site'}:{ROOT}",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.libsecret.of_the_test.Keyring",
        "TEST_KEYRING": str(tmp_path / "keyring.json"),
        "PYTHONWARNINGS": "ignore",
    }


def kept_in(folder: Path) -> dict[str, Any] | None:
    """What the keyring holds for the profile that has no name."""
    if not (folder / "keyring.json").exists():
        return None
    entry: dict[str, Any] = json.loads(json.loads((folder / "keyring.json").read_text())[f"{APPLICATION}|default"])
    return entry


def dialect_of(sandbox: Sandbox) -> str:
    return sandbox.service.dialect.value


def other_than(sandbox: Sandbox) -> str:
    return "live" if dialect_of(sandbox) == "document" else "document"


def login(sandbox: Sandbox, folder: Path, keyring: dict[str, str], dialect: str) -> Ended:
    settings = settings_of(sandbox, folder / "s.db") | keyring
    return importer("login", "--dialect", dialect, folder=folder, **settings)


def login_on_a_terminal(settings: dict[str, str], folder: Path, answer: str, *arguments: str) -> tuple[int, str]:
    screen = Screen(folder, settings, "login", *arguments)
    screen.read_until("[y/N]")
    screen.type(f"{answer}\n")
    return screen.end(), screen.text


def test_the_chosen_dialect_is_tried_once_and_what_worked_is_kept(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str]
) -> None:
    ended = login(sandbox, tmp_path, keyring, dialect_of(sandbox))
    assert (ended.code, sandbox.calls["login"]) == (0, 1)
    kept = kept_in(tmp_path)
    assert kept is not None and kept["dialect"] == dialect_of(sandbox)
    assert kept["password"] == sandbox.address.password and kept["password"] not in ended.out + ended.err


def test_what_was_kept_is_enough_for_the_next_command(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str]
) -> None:
    login(sandbox, tmp_path, keyring, dialect_of(sandbox))
    ended = importer("print", "5326", "-o", "v.pdf", folder=tmp_path, **keyring)
    assert ended.code == 0 and (tmp_path / "v.pdf").exists()


def test_logout_forgets_the_profile_that_the_environment_names(tmp_path: Path, keyring: dict[str, str]) -> None:
    (tmp_path / "keyring.json").write_text(json.dumps({f"{APPLICATION}|profile union": "x"}))
    ended = importer("logout", folder=tmp_path, IMPORTER_PROFILE="union", **keyring)
    assert ended.code == 0 and not (tmp_path / "keyring.json").exists()


def test_without_a_terminal_nothing_is_asked_for(tmp_path: Path, keyring: dict[str, str]) -> None:
    ended = importer("login", folder=tmp_path, **keyring)
    assert ended.code == 3 and "SPX_USERID" in ended.err


def test_without_a_terminal_the_other_dialect_is_not_tried(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str]
) -> None:
    ended = login(sandbox, tmp_path, keyring, other_than(sandbox))
    assert (ended.code, sandbox.calls["login"], kept_in(tmp_path)) == (3, 1, None)


@pytest.mark.parametrize("answer", ["n", ""])
def test_a_person_who_does_not_agree_has_sent_one_login(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str], answer: str
) -> None:
    settings = settings_of(sandbox, tmp_path / "s.db") | keyring
    code, _ = login_on_a_terminal(settings, tmp_path, answer, "--dialect", other_than(sandbox))
    assert (code, sandbox.calls["login"], kept_in(tmp_path)) == (3, 1, None)


def test_with_the_persons_consent_the_other_dialect_is_tried_and_kept(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str]
) -> None:
    settings = settings_of(sandbox, tmp_path / "s.db") | keyring
    code, text = login_on_a_terminal(settings, tmp_path, "y", "--dialect", other_than(sandbox))
    kept = kept_in(tmp_path)
    assert code == 0 and sandbox.calls["login"] == 2, text
    assert kept is not None and kept["dialect"] == dialect_of(sandbox)


def test_wrong_credentials_are_never_tried_a_third_time(
    sandbox: Sandbox, tmp_path: Path, keyring: dict[str, str]
) -> None:
    settings = settings_of(sandbox, tmp_path / "s.db") | keyring | {"SPX_PASSWORD": "canary-wrong"}
    code, text = login_on_a_terminal(settings, tmp_path, "y")
    assert (code, sandbox.calls["login"], kept_in(tmp_path)) == (3, 2, None)
    assert text.count("[y/N]") == 1 and "canary-wrong" not in text


@pytest.mark.parametrize("answer", [reply(502, b"<html>"), None])
def test_only_a_refusal_leads_to_the_question(answer: bytes | None, tmp_path: Path, keyring: dict[str, str]) -> None:
    with odd_service(answer, grants_logins=False) as service:
        screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db") | keyring, "login")
        assert screen.end() == 3
    assert len(service.requests) == 1 and "[y/N]" not in screen.text


def test_a_user_who_is_gone_after_the_login_is_no_question_of_dialect(tmp_path: Path, keyring: dict[str, str]) -> None:
    with odd_service(GONE) as service:
        screen = Screen(tmp_path, settings_for(service.url, tmp_path / "s.db") | keyring, "login")
        assert screen.end() == 3
    assert service.logins == 1 and "[y/N]" not in screen.text and kept_in(tmp_path) is None
