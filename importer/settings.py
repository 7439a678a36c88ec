"""One frozen Settings from flags, environment, `importer.toml`, a file of secrets and keyring; builds nothing and
connects to nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path

from importer import APPLICATION
from importer.credentials import Kept, kept_credentials, read_secrets, secrets_file, variable_of
from importer.errors import SetupError
from importer.model.journals import DIMENSION_FIELDS
from importer.model.secrets import Secret, without_password
from importer.services.operations import DIALECTS, DOCUMENT
from importer.settings_file import profile_names, values_in_file
from importer.translations import Language, language_of_environment

LONGER_THAN_A_REQUEST = 1.5
"""What may still be under way has not settled: the settling time in requests' deadlines, at least."""


def default_store() -> str:
    """The address of the SQLite file in the user's data folder."""
    return f"sqlite:///{user_data_path(APPLICATION, appauthor=False) / 'posted.db'}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a command may want to know. `timeout` is the deadline of one request in seconds; `installation` is
    what the person calls the ledger at `url`; `company_id` the only company to be posted to; `last_period` the last
    period of a year (12, more with adjustment periods), `first_month` the month of its first one; `balance_by` the
    dimensions (wire names) by each of which a journal must balance; `dialect` names a dialect of
    `services.operations`; `sovos_url` and `sovos_api_key` belong
    together; `settle` is how many seconds a journal without an answer may still land, longer than any request may take;
    `attachments` is a folder in which files that lines name may lie besides the workbook's own; `ca_file` has
    authorities that are trusted besides the system's, `proxy` is the HTTP proxy for https, with its password;
    `secrets_fault` tells why a file of secrets, or what a login has kept, could not be had."""

    url: str | None = None
    userid: str | None = None
    password: Secret | None = None
    email: str | None = None
    api_key: Secret | None = None
    company_id: int | None = None
    last_period: int = 12
    first_month: int = 1
    balance_by: tuple[str, ...] = ()
    timezone: str = "America/Mexico_City"
    timeout: float = 120.0
    concurrency: int = 8
    language: Language = field(default_factory=language_of_environment)
    reports: Path = Path("reports")
    store: str = field(default_factory=default_store)
    profile: str | None = None
    dialect: str = DOCUMENT.name
    sovos_url: str | None = None
    sovos_api_key: Secret | None = None
    attachments: Path | None = None
    settle: float = 900.0
    currency: str | None = None
    currencies: tuple[str, ...] = ()
    installation: str | None = None
    watch_accepts: tuple[str, ...] = ()
    """Codes of warnings with which the journals of a watched folder are posted all the same."""
    ca_file: Path | None = None
    proxy: Secret | None = None
    secrets_fault: SetupError | None = None

    @property
    def is_connectable(self) -> bool:
        """True when they name a service and everything a login needs."""
        return bool(self.url) and not self._missing()

    def missing_credentials(self) -> list[str]:
        """The names of what a login needs and is not there: the environment's, or those of the profile's table; an API
        key is not always needed. Raises SetupError when something is missing because a file of secrets or the keyring
        did not give it."""
        missing = self._missing()
        if self.secrets_fault is not None and (missing or not self.url):
            raise self.secrets_fault
        return missing

    def service_address(self) -> str:
        """The address of the service. Raises SetupError when there is none."""
        if not self.url:
            raise SetupError("no-address-of-profile" if self.profile else "no-address", name=self.profile or "")
        return self.url

    def login_address(self) -> str:
        """The same. Raises SetupError also when something that a login needs is not there."""
        missing = self.missing_credentials()  # first: a locked keyring may hold the address too
        address = self.service_address()
        if missing:
            key = "no-credentials-of-profile" if self.profile else "no-credentials"
            raise SetupError(key, missing=", ".join(missing), name=self.profile or "")
        return address

    def shown(self) -> dict[str, str]:
        """What is in force, by the names of `importer.toml` and without secrets, as texts."""
        texts = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if not value or isinstance(value, Secret | SetupError):
                continue
            text = ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value
            # What stands behind a question mark may be a key: no address of a service has one that can be used.
            shown = str(text).split("?")[0] if one.name.endswith("url") else str(text)
            texts[_NAMES_IN_FILE.get(one.name, one.name)] = without_password(shown)
        return texts

    def _missing(self) -> list[str]:
        userid, email = ("userid", "email") if self.profile else ("SPX_USERID", "SPX_EMAIL")
        needed = {userid: self.userid, variable_of("SPX_PASSWORD", self.profile): self.password, email: self.email}
        return [name for name, value in needed.items() if not value]


_NAMES_IN_FILE = {"language": "lang", "watch_accepts": "watch.accept"}
_FIELDS = {"lang": "language", "watch": "watch_accepts"}
"""The fields of settings that have another name than in `importer.toml`."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A setting: its variable in the environment (None: only in the file), how its text is read, and the catalogue's
    words for what is expected."""

    variable: str | None
    read: Callable[[Any], object]
    expected: str
    is_secret: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value.strip()


def _secret(value: Any) -> Secret:
    # A header carries it (RFC 9110: visible ASCII) or a JSON text does; a line break would be neither.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError
    return Secret(value)


def secret_of(name: str, text: str | None, source: str = "environment") -> Secret | None:
    """The secret of a variable such as SPX_API_KEY, None when there is none. Raises SetupError for one that no header
    could carry; `source` tells where it stands."""
    if not text:
        return None
    try:
        return _key(text) if name.endswith("_KEY") else _secret(text)
    except ValueError as error:
        raise SetupError("bad-setting", name=name, value="***", source=source, expected="text") from error


def _key(value: Any) -> Secret:
    if not str(value).strip().isascii():
        raise ValueError
    return _secret(str(value).strip())


def _whole(value: Any) -> int:
    """A whole number, or digits as the environment has them; never 5.7, never true."""
    if type(value) is int:
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    raise ValueError


def _between(low: float, high: float, read: Callable[[Any], float]) -> Callable[[Any], float]:
    def bounded(value: Any) -> float:
        number = read(value)
        if isinstance(value, bool) or not low <= number <= high:
            raise ValueError
        return number

    return bounded


def _dimensions(value: Any) -> tuple[str, ...]:
    names = tuple(value.replace(",", " ").split() if isinstance(value, str) else value)
    if not set(names) <= set(DIMENSION_FIELDS):
        raise ValueError
    return names


def _dialect(value: Any) -> str:
    if value not in DIALECTS:
        raise ValueError
    return str(value)


def _proxy(value: Any) -> Secret:
    """`http://host:port`, with user and password where it asks for them."""
    parts = urlsplit(_text(value))
    if parts.scheme != "http" or not parts.hostname or not parts.port or parts.path.strip("/") or parts.query:
        raise ValueError
    return Secret(parts.geturl())


def _currencies(value: Any) -> str | tuple[str, ...]:
    """One code, offered first; or in a list all that the ledger has."""
    if not isinstance(value, list):
        return _text(value)
    if not value:
        raise ValueError
    return tuple(map(_text, value))


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error


WATCH_ACCEPTS = {"hidden-rows": "hidden-rows", "look-alikes": "look-alike"}
"""What `accept` of `[watch]` may list, and the code of the warning."""


def _accepted(value: Any) -> tuple[str, ...]:
    """The table `[watch]`."""
    if set(value) - {"accept"}:
        raise ValueError
    return tuple(dict.fromkeys(WATCH_ACCEPTS[name] for name in value.get("accept", [])))


_SETTINGS: Mapping[str, _Known] = {
    "url": _Known("SPX_URL", _text, "text"),
    "userid": _Known("SPX_USERID", _text, "text"),
    "password": _Known("SPX_PASSWORD", _secret, "text", is_secret=True),
    "email": _Known("SPX_EMAIL", _text, "text"),
    "api_key": _Known("SPX_API_KEY", _key, "text", is_secret=True),
    "dialect": _Known("SPX_DIALECT", _dialect, "dialect"),
    "sovos_url": _Known("SOVOS_URL", _text, "text"),
    "sovos_api_key": _Known("SOVOS_API_KEY", _key, "text", is_secret=True),
    "currency": _Known(None, _currencies, "currencies"),
    "installation": _Known(None, _text, "text"),
    "company_id": _Known(None, _whole, "company"),
    "last_period": _Known(None, _between(12, 99, _whole), "period"),
    "first_month": _Known(None, _between(1, 12, _whole), "month"),
    "balance_by": _Known(None, _dimensions, "dimensions"),
    "timezone": _Known(None, _zone, "timezone"),
    "timeout": _Known("IMPORTER_TIMEOUT", _between(1, 3600, float), "seconds"),
    "settle": _Known("IMPORTER_SETTLE", _between(1, 86400, float), "settling"),
    "concurrency": _Known("IMPORTER_CONCURRENCY", _between(1, 64, _whole), "concurrency"),
    "lang": _Known("IMPORTER_LANG", lambda value: Language(value), "language"),
    "reports": _Known("IMPORTER_REPORTS", lambda value: Path(_text(value)), "text"),
    "store": _Known("IMPORTER_STORE", _text, "text"),
    "attachments": _Known("IMPORTER_ATTACHMENTS", lambda value: Path(_text(value)), "text"),
    "watch": _Known(None, _accepted, "watch"),
    "ca_file": _Known("IMPORTER_CA_FILE", lambda value: Path(_text(value)), "text"),
    "proxy": _Known("IMPORTER_PROXY", _proxy, "proxy"),
    "secrets": _Known(None, lambda value: Path(_text(value)), "text"),
}
_OF_A_SERVICE = ("SPX_", "SOVOS_")
"""How variables begin that belong to whoever has no profile: one that is named has settings of its own."""
_IN_SECRETS = ("url", "userid", "email", "password", "api_key", "sovos_url", "sovos_api_key")
"""What a file of secrets may hold."""


def profile_of(flags: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """The profile that flags or environment ask for."""
    return flags.get("profile") or environment.get("IMPORTER_PROFILE") or None


def read_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    kept: Callable[[str | None], Kept | None] = kept_credentials,
) -> Settings:
    """Flags (by the names of `_SETTINGS` and `profile`; None: not given), then environment, then `importer.toml`, then
    the file of secrets or the variables of the profile, then what a login has `kept` for it. A file or a keyring that
    does not give them is no reason to stop until they are needed. With a profile the variables of services that do not
    bear its name (SPX_…, SOVOS_…) are not read.

    Raises SetupError naming the setting, where it stands, and what is expected.
    """
    profile = profile_of(flags, environment)
    source, in_file = values_in_file(profile)
    values: dict[str, Any] = {name: _from_file(name, value, source) for name, value in in_file.items()}
    for name, known in _SETTINGS.items():
        is_of_others = profile is not None and (known.variable or "").startswith(_OF_A_SERVICE)
        if known.variable and environment.get(known.variable) and not is_of_others:
            values[name] = _read(name, environment[known.variable], known.variable, "environment")
    for name, value in flags.items():
        if value is not None and name in _SETTINGS:
            flag = {"reports": "out"}.get(name, name)
            values[name] = _read(name, value, f"--{flag}", "command line")
    secrets_fault = None
    try:
        values = _with_secrets(values, profile, environment)
        if not values.get("password"):
            values = _with_kept(values, kept(profile))
    except SetupError as error:
        secrets_fault = error
    values.pop("secrets", None)
    values = {_FIELDS.get(name, name): value for name, value in values.items()}
    if isinstance(values.get("currency"), tuple):
        values |= {"currency": values["currency"][0], "currencies": values["currency"]}
    settings = Settings(**values, profile=profile, secrets_fault=secrets_fault)
    return replace(settings, settle=max(settings.settle, LONGER_THAN_A_REQUEST * settings.timeout))


def _with_secrets(values: dict[str, Any], profile: str | None, environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings with the secrets of a profile: those of its file, which are given only to the address and the user
    that stand beside them, or those of its variables. Raises SetupError for a file that cannot be used or is another
    one's, and nothing of it is used then."""
    file = secrets_file(profile, environment, values.get("secrets"))
    found: dict[str, Any] = {}
    if file is not None:
        for name, value in read_secrets(file).items():
            if name not in _IN_SECRETS:
                raise SetupError("unknown-setting", name=name, source=str(file))
            found[name] = _read(name, value, name, str(file))
        missing = [name for name in ("url", "userid", "password") if name not in found]
        missing += ["sovos_url"] * ("sovos_api_key" in found and "sovos_url" not in found)
        if missing:
            raise SetupError("secrets-incomplete", file=str(file), missing=", ".join(missing))
        for name in ("url", "userid", "sovos_url"):
            if name in found and values.get(name, found[name]) != found[name]:
                raise SetupError("secrets-of-another", file=str(file), name=name, profile=profile or "–")
    of_variables = ("sovos_api_key",) if file is not None else ("password", "api_key", "sovos_api_key")
    for name in of_variables if profile else ():
        variable = variable_of(str(_SETTINGS[name].variable), profile)
        if environment.get(variable) and name not in found:
            found[name] = _read(name, environment[variable], variable, "environment")
    return found | values


def _with_kept(values: dict[str, Any], kept: Kept | None) -> dict[str, Any]:
    """What a login has kept, where nothing else is said. A password is given only to the address and the user it was
    made for."""
    if kept is None or values.get("url", kept.url) != kept.url or values.get("userid", kept.userid) != kept.userid:
        return values
    found = {
        "url": kept.url,
        "userid": kept.userid,
        "email": kept.email,
        "password": kept.password,
        "api_key": kept.api_key,
        "dialect": kept.dialect if kept.dialect in DIALECTS else None,
    }
    return {name: value for name, value in found.items() if value is not None} | values


def connectable_profiles(environment: Mapping[str, str]) -> list[str]:
    """The profiles of the settings file with which this machine can log in, `""` where it can without one."""
    found = []
    for name in profile_names():
        try:
            if read_settings({"profile": name or None}, environment).is_connectable:
                found.append(name)
        except SetupError:
            continue
    return found


def _from_file(name: str, value: object, source: str) -> object:
    known = _SETTINGS.get(name)
    if known is None:
        raise SetupError("unknown-setting", name=name, source=source)
    if known.is_secret or (isinstance(value, str) and value != without_password(value)):
        raise SetupError("secret-in-file", name=name, source=source)
    return _read(name, value, name, source)


def _read(name: str, value: Any, shown: str, source: str) -> object:
    known = _SETTINGS[name]
    try:
        return known.read(value)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        text = "***" if known.is_secret else without_password(str(value))
        raise SetupError("bad-setting", name=shown, value=text, source=source, expected=known.expected) from error
