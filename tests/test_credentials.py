"""Credentials in a keyring: kept by profile, given only to their own address and user, never to a plain-text store."""

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import PasswordDeleteError

from importer import APPLICATION, credentials
from importer.cli.context import sandbox_settings
from importer.credentials import Kept, find, forget, is_safe, keep
from importer.errors import SetupError
from importer.model.secrets import Secret
from importer.settings import profile_of, read_settings
from tests.cli.commands import ROOT, home_in
from tests.cli.commands import importer_forked as importer

KEPT = Kept("https://h.example", "treasurer", "t@example.org", Secret("pässword"), Secret("key"), "document")


LOCKED = """
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

class Keyring(KeyringBackend):
    priority = 1
    def get_password(self, service, username):
        raise KeyringLocked("dismissed")
    set_password = delete_password = get_password

Keyring.__module__ = "keyring.backends.libsecret.of_the_test"
"""


class MemoryKeyring(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that the person did not unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")


def test_what_is_kept_is_found_again_for_its_profile_only() -> None:
    backend = MemoryKeyring()
    keep(KEPT, "iglesia", backend)
    assert find("iglesia", backend) == KEPT and find(None, backend) is None
    assert forget("iglesia", backend) and not forget("iglesia", backend)
    assert find("iglesia", backend) is None


def test_an_entry_is_one_text_of_the_service(tmp_path: Path) -> None:
    backend = MemoryKeyring()
    keep(KEPT, None, backend)
    ((service, _), text) = next(iter(backend.entries.items()))
    assert service == APPLICATION and json.loads(text)["password"] == "pässword"
    assert list(tmp_path.iterdir()) == []


def test_the_keyring_is_asked_only_for_what_a_login_has_put_there(tmp_path: Path) -> None:
    (tmp_path / "raising.py").write_text("raise AssertionError('asked')")
    environment = {"PYTHON_KEYRING_BACKEND": "raising.Keyring", "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    code = "from importer.credentials import kept_credentials as kept; print(kept({profile!r}))"
    words = [sys.executable, "-c", code.format(profile="iglesia")]
    home = home_in(tmp_path) | environment
    with patch.dict(os.environ, home):
        names = credentials._names_file()
    assert subprocess.check_output(words, env=home, encoding="utf-8") == "None\n"
    names.parent.mkdir(parents=True)
    names.write_text("profile iglesia\n")
    assert "asked" in subprocess.run(words, env=home, capture_output=True, encoding="utf-8").stderr
    words[-1] = code.format(profile="other")
    assert subprocess.check_output(words, env=home, encoding="utf-8") == "None\n"


def test_a_login_that_is_forgotten_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    backend = MemoryKeyring()
    keep(KEPT, "a", backend)
    keep(KEPT, None, backend)
    (names,) = tmp_path.rglob("logins.txt")
    assert names.read_text().split("\n") == ["default", "profile a", ""]
    assert forget("a", backend) and names.read_text() == "default\n"


@pytest.mark.parametrize(
    "text",
    [
        *("", "no json", "[]", "[1]", "null", "5", "{}", '"text"'),
        '{"userid": "u", "email": "e", "password": "p"}',
        '{"url": 5, "userid": "u", "email": "e", "password": "p"}',
        '{"url": "u", "userid": "u", "email": "e", "password": null}',
    ],
)
def test_a_damaged_entry_is_nothing(text: str) -> None:
    backend = MemoryKeyring()
    backend.entries[APPLICATION, "default"] = text
    assert find(None, backend) is None


def test_a_damaged_entry_is_forgotten_too() -> None:
    backend = MemoryKeyring()
    backend.entries[APPLICATION, "default"] = "no json"
    assert forget(None, backend) and not backend.entries and not forget(None, backend)


def test_an_entry_that_was_removed_by_other_means_was_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    backend = MemoryKeyring()
    keep(KEPT, None, backend)
    backend.entries.clear()
    (names,) = tmp_path.rglob("logins.txt")
    assert not forget(None, backend) and names.read_text() == ""


class StubbornKeyring(MemoryKeyring):
    """A keyring whose person does not agree to a removal."""

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("Cancelled by user")


@pytest.mark.parametrize("kind", [LockedKeyring, StubbornKeyring])
def test_what_could_not_be_forgotten_is_told(
    kind: type[MemoryKeyring], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    open_one = MemoryKeyring()
    keep(KEPT, None, open_one)
    backend = kind()
    backend.entries = open_one.entries
    with pytest.raises(SetupError, match="keyring-refused"):
        forget(None, backend)
    (names,) = tmp_path.rglob("logins.txt")
    assert names.read_text() == "default\n"


def test_a_locked_keyring_stops_only_what_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def locked(profile: str | None) -> Kept | None:
        return find(profile, LockedKeyring())

    for environment in ({}, {"SPX_URL": "https://h.example"}):
        settings = read_settings({}, environment, locked)
        assert not settings.is_connectable
        with pytest.raises(SetupError, match="keyring-locked"):
            settings.missing_credentials()
    own = {"SPX_URL": "https://h.example", "SPX_USERID": "u", "SPX_EMAIL": "e", "SPX_PASSWORD": "p"}
    assert read_settings({}, own, locked).is_connectable
    with sandbox_settings(settings, True) as practice:
        assert practice.is_connectable and practice.missing_credentials() == []


@pytest.mark.skipif(sys.platform == "win32", reason="the home of the test is a POSIX one")
def test_a_locked_keyring_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "locked.py").write_text(LOCKED)
    with patch.dict(os.environ, home_in(tmp_path)):
        credentials._write_names({"default"})
    settings = {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}",
        "PYTHON_KEYRING_BACKEND": "locked.Keyring",
        "SPX_URL": "https://h.example",
        "SPX_USERID": "u",
        "SPX_EMAIL": "e@example.org",
        "PYTHONWARNINGS": "ignore",
    }
    ended = importer("get", "company", folder=tmp_path, **settings)
    assert ended.code == 3 and "KeyringLocked" in ended.err and "Missing" not in ended.err
    assert importer("runs", folder=tmp_path, **settings).code == 0
    assert "KeyringLocked" in importer("logout", folder=tmp_path, **settings).err


def test_a_flag_names_the_profile_before_the_environment_does() -> None:
    assert profile_of({"profile": None}, {"IMPORTER_PROFILE": "union"}) == "union"
    assert profile_of({"profile": "field"}, {"IMPORTER_PROFILE": "union"}) == "field"


def test_a_locked_keyring_gives_nothing_and_takes_nothing_and_shows_no_secret() -> None:
    backend = LockedKeyring()
    with pytest.raises(SetupError, match="keyring-locked"):
        find(None, backend)
    with pytest.raises(SetupError, match="keyring-refused") as caught:
        keep(KEPT, None, backend)
    assert "pässword" not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring, MemoryKeyring])
def test_only_the_systems_own_keyrings_are_safe(backend: type[KeyringBackend]) -> None:
    assert not is_safe(backend())


def test_without_a_safe_keyring_login_says_what_to_do(tmp_path: Path) -> None:
    null = "keyring.backends.null.Keyring"
    for command in ("login", "logout"):
        ended = importer(command, folder=tmp_path, PYTHON_KEYRING_BACKEND=null)
        assert ended.code == 3 and "SPX_PASSWORD" in ended.err and ended.out == ""


def test_kept_credentials_fill_what_nothing_else_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({}, {}, lambda _: KEPT)
    assert (settings.url, settings.userid, settings.email) == ("https://h.example", "treasurer", "t@example.org")
    assert settings.password == Secret("pässword") and settings.api_key == Secret("key")
    own = read_settings({}, {"SPX_PASSWORD": "mine", "SPX_URL": "https://other.example"}, lambda _: KEPT)
    assert own.password == Secret("mine") and own.userid is None


@pytest.mark.parametrize("changed", [{"SPX_URL": "https://evil.example"}, {"SPX_USERID": "somebody"}])
def test_a_changed_address_or_user_never_gets_an_old_password(
    changed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({}, changed, lambda _: KEPT)
    assert settings.password is None and settings.api_key is None
