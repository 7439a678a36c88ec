"""Where a profile's secrets come from besides the settings: files that only their owner may read, variables of the
environment with the profile's name, and the system's keyring (keyrings that keep plain text are refused)."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from importer import APPLICATION
from importer.errors import SetupError, unusable_file
from importer.files import NotPrivate, UnusableFile, read_private_file
from importer.model.secrets import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


# Allowed by name: a backend that is not known to encrypt must never be chosen by its own priority.
SAFE_BACKENDS = frozenset(
    f"keyring.backends.{name}" for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)


_PROFILE_NAME = re.compile("[a-z0-9-]{1,40}")
_SECRET_VARIABLES = ("SPX_PASSWORD", "SPX_API_KEY", "SOVOS_API_KEY")
NOTICE_VARIABLES = ("IMPORTER_SMTP_PASSWORD", "IMPORTER_WEBHOOK_SECRET")
_MOST_BYTES = 65536


def check_profile_name(profile: str) -> None:
    """Raises SetupError unless it is of small letters, digits and hyphens, so that no two names give one variable."""
    if not _PROFILE_NAME.fullmatch(profile):
        raise SetupError("bad-profile-name", name=profile)


def variable_of(name: str, profile: str | None) -> str:
    """The variable that holds a secret of a profile: SPX_PASSWORD__UNION_NORTE for SPX_PASSWORD of `union-norte`;
    without a profile the name itself."""
    return f"{name}__{profile.upper().replace('-', '_')}" if profile else name


def environment_for(profile: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child process that works for one profile: it holds the secrets of no other one, nor those
    of notices, and names the profile."""
    own = {variable_of(name, profile) for name in _SECRET_VARIABLES}

    def is_withheld(variable: str) -> bool:
        name = variable.upper()  # Windows does not tell them apart
        return name not in own and (name.partition("__")[0] in _SECRET_VARIABLES or name in NOTICE_VARIABLES)

    kept = {name: value for name, value in environment.items() if not is_withheld(name)}
    kept.pop("IMPORTER_PROFILE", None)
    return kept | ({"IMPORTER_PROFILE": profile} if profile else {})


def secrets_file(name: str | None, environment: Mapping[str, str], named: Path | None) -> Path | None:
    """The file with the secrets of a profile: `$CREDENTIALS_DIRECTORY/NAME.toml` where it is there (systemd's
    LoadCredential puts it there), else the one that the settings have `named`, if any."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if name and folder and os.path.lexists(Path(folder) / f"{name}.toml"):
        return Path(folder) / f"{name}.toml"
    return named


def read_secrets(file: Path) -> dict[str, Any]:
    """What a file of secrets holds. Raises SetupError when others may read it, or it is no TOML."""
    try:
        return tomllib.loads(read_private_file(file, _MOST_BYTES).decode())
    except NotPrivate as error:
        raise SetupError("secrets-not-private", file=str(file)) from error
    except UnusableFile as error:
        raise unusable_file(file, _MOST_BYTES, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # their texts quote what they could not read
        raise SetupError("bad-secrets-file", file=str(file), detail="TOML") from None
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise SetupError("bad-secrets-file", file=str(file), detail=detail) from error


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
    """Writes the credentials of a profile (None: without one) into the keyring `backend`, in place of earlier ones.
    Raises SetupError when the keyring refuses."""
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
    """The credentials kept for a profile, None when there are none or what is there is damaged. Raises SetupError when
    the keyring stays locked."""
    try:
        entry = json.loads(backend.get_password(APPLICATION, _name(profile)) or "null")
        return None if entry is None else _kept_in(entry)
    except (ValueError, KeyError, TypeError):
        return None
    except _failures() as error:
        raise SetupError("keyring-locked", detail=type(error).__name__) from None


def _kept_in(entry: Any) -> Kept:
    """Raises KeyError or TypeError for what `keep` has not written."""
    key = entry.get("api_key") if isinstance(entry, dict) else None
    texts = [entry[name] for name in ("url", "userid", "email", "password")]
    dialect = entry.get("dialect", "document")
    if not all(isinstance(text, str) for text in (*texts, key or "", dialect)):
        raise TypeError("not a text")
    url, userid, email, password = texts
    return Kept(url, userid, email, Secret(password), Secret(key) if key else None, dialect)


def kept_credentials(profile: str | None) -> Kept | None:
    """What the system's keyring holds for a profile, None when there is nothing. The keyring is asked only for what a
    login has put there. Raises SetupError when it stays locked, or no keyring may be used any more."""
    return find(profile, system_keyring()) if _name(profile) in _names() else None


def forget(profile: str | None, backend: "KeyringBackend") -> bool:
    """Removes what is kept for a profile, damaged or not; False when there was nothing. Raises SetupError when the
    keyring refuses, and nothing is forgotten then."""
    name, names = _name(profile), _names()
    try:
        # The keyring itself is asked: the file of names may be lost, and an entry may have been removed by other means.
        try:
            was_there = backend.get_password(APPLICATION, name) is not None
        except ValueError:  # it is there, and no text
            was_there = True
        if was_there:
            backend.delete_password(APPLICATION, name)
    except _failures() as error:
        raise SetupError("keyring-refused", detail=type(error).__name__) from None
    if name in names:
        _write_names(names - {name})
    return was_there


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
