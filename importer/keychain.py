"""Credentials in the system's own keyring: one entry a profile, bound to the address and the user it was made for.

A file in the user's data folder names the entries, and nothing else of them: a keyring takes as long to ask as a
hundred rows to check, and most runs have all they need from the environment or need nothing.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from importer import APPLICATION
from importer.errors import SetupError
from importer.model.secrets import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

# Allowed by name: a backend that is not known to encrypt must never be chosen by its own priority (notes/security).
SAFE_BACKENDS = frozenset(
    f"keyring.backends.{name}" for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a successful login used. `dialect` is the one the service understood."""

    url: str
    userid: str
    email: str
    password: Secret
    api_key: Secret | None
    dialect: str


def system_keyring() -> "KeyringBackend":
    """The system's keyring. Raises SetupError when there is none, or only one that keeps secrets as plain text."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    backends = list(found.backends) if isinstance(found, ChainerBackend) else [found]
    for backend in backends:
        if is_safe(backend):
            return backend
    raise SetupError("no-keyring", backend=type(backends[0] if backends else found).__module__)


def is_safe(backend: "KeyringBackend") -> bool:
    """True for the keyrings of macOS, Windows and the Linux desktops."""
    module = type(backend).__module__
    return any(module == safe or module.startswith(f"{safe}.") for safe in SAFE_BACKENDS)


def keep(kept: Kept, profile: str | None, backend: "KeyringBackend") -> None:
    """Keeps the credentials of a profile, in place of earlier ones. Raises SetupError when the keyring refuses."""
    entry = {
        "url": kept.url,
        "userid": kept.userid,
        "email": kept.email,
        "password": kept.password.reveal(),
        "api_key": kept.api_key.reveal() if kept.api_key is not None else None,
        "dialect": kept.dialect,
    }
    try:
        backend.set_password(APPLICATION, _name(profile), json.dumps(entry))
    except _failures() as error:
        raise SetupError("keyring-refused", detail=type(error).__name__) from None
    _write_names(_names() | {_name(profile)})


def find(profile: str | None, backend: "KeyringBackend") -> Kept | None:
    """The credentials kept for a profile, None when there are none or the keyring stays locked."""
    try:
        text = backend.get_password(APPLICATION, _name(profile))
        entry = json.loads(text) if text else None
    except _failures():
        return None
    if not isinstance(entry, dict):
        return None
    key = entry.get("api_key")
    return Kept(
        url=entry["url"],
        userid=entry["userid"],
        email=entry["email"],
        password=Secret(entry["password"]),
        api_key=Secret(key) if key else None,
        dialect=entry.get("dialect", "document"),
    )


def kept_credentials(profile: str | None) -> Kept | None:
    """What the system's keyring holds for a profile; None when there is nothing, or no keyring that may be used. The
    keyring is asked only for what a login has put there."""
    if _name(profile) not in _names():
        return None
    try:
        return find(profile, system_keyring())
    except SetupError:
        return None


def forget(profile: str | None, backend: "KeyringBackend") -> bool:
    """Removes what is kept for a profile; False when there was nothing."""
    if find(profile, backend) is None:
        return False
    backend.delete_password(APPLICATION, _name(profile))
    _write_names(_names() - {_name(profile)})
    return True


def _names_file() -> Path:
    return user_data_path(APPLICATION, appauthor=False) / "logins.txt"


def _names() -> set[str]:
    try:
        return set(_names_file().read_text(encoding="utf-8-sig", errors="replace").splitlines())
    except (OSError, RuntimeError):  # a user without a home
        return set()


def _write_names(names: set[str]) -> None:
    """Raises SetupError when the folder cannot be written: a login that is not found again is none."""
    file = _names_file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise SetupError("keyring-refused", detail=error.strerror or type(error).__name__) from error


def _failures() -> tuple[type[Exception], ...]:
    """What a locked, damaged or absent keyring raises; the backends are not of one mind."""
    from keyring.errors import KeyringError

    return KeyringError, OSError, RuntimeError, ValueError


def _name(profile: str | None) -> str:
    return f"profile {profile}" if profile else "default"
