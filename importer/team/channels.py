"""Where notices go: `[notices]` of the settings file, and the secrets that stand elsewhere. Nothing of it ever comes
from a workbook."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from importer.credentials import NOTICE_VARIABLES, read_secrets, secrets_file
from importer.errors import SetupError
from importer.model.secrets import OF_THIS_PROCESS, Secret
from importer.services.http import checked_address
from importer.settings import Settings, notices_table, read_settings
from importer.team.files import Destination
from importer.translations import Language

WEBHOOK = "webhook"
"""The target of a notice that goes to the webhook; that of a mail is its recipient."""

APPROVAL = "approval"
OUTCOMES = (*(one.value for one in Destination), APPROVAL)
"""What a channel may be told of: how a submission has ended, as the folders of a watched folder are called, or that it
waits for a second person."""

_IMPLICIT_PORT = 465
"""Of mail servers whose connections begin with TLS (RFC 8314)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and whom it is to bring notices. `tls` is `implicit` or `starttls` (`""`: as usual at the port);
    without a `user` nobody is logged in. `attach_report`: with the report; `amounts`: with what was posted; `outcomes`:
    of what (`OUTCOMES`)."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    tls: str = ""
    user: str = ""
    attach_report: bool = False
    amounts: bool = False
    outcomes: tuple[str, ...] = OUTCOMES

    @property
    def is_implicit(self) -> bool:
        """True when the connection begins with TLS."""
        return self.tls == "implicit" or (not self.tls and self.port == _IMPLICIT_PORT)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to which notices are posted. `amounts` and `outcomes` as in `Mail`."""

    url: str
    amounts: bool = False
    outcomes: tuple[str, ...] = OUTCOMES


@dataclass(frozen=True, slots=True)
class Channels:
    """Where the notices of a profile (`""`: none) go, in which language; `secrets` is the file of their secrets."""

    profile: str
    language: Language
    mail: Mail | None = None
    webhook: Webhook | None = None
    secrets: Path | None = None

    def targets(self, outcome: str | None = None) -> dict[str, bool]:
        """Each recipient who is to know of the outcome (None: of any), and whether it is given amounts."""
        found: dict[str, bool] = {}
        if self.mail is not None and (outcome is None or outcome in self.mail.outcomes):
            found |= dict.fromkeys(self.mail.to, self.mail.amounts)
        if self.webhook is not None and (outcome is None or outcome in self.webhook.outcomes):
            found[WEBHOOK] = self.webhook.amounts
        return found


class _Field(NamedTuple):
    """A setting: the argument it is read into, how, and the catalogue's words for what is expected."""

    argument: str
    read: Callable[[Any], object]
    expected: str
    is_needed: bool = False


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value.strip()


def _host(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|\[?[0-9a-fA-F:.]+\]?", _line(value)):
        raise ValueError
    return str(value).strip("[]")


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
"""As HTML defines a valid mail address."""


def _address(value: Any) -> str:
    if not _ADDRESS.fullmatch(_line(value)):
        raise ValueError
    return str(value).strip()


def _addresses(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple(dict.fromkeys(map(_address, value)))


def _port(value: Any) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise ValueError
    return value


def _tls(value: Any) -> str:
    if value not in ("implicit", "starttls"):
        raise ValueError
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _outcomes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(one in OUTCOMES for one in value):
        raise ValueError
    return tuple(value)


def _url(value: Any) -> str:
    try:
        checked_address(_line(value))
    except SetupError as error:
        raise ValueError from error
    return str(value).strip()


_TABLE = {
    "mail": _Field("mail", dict, "table"),
    "webhook": _Field("webhook", dict, "table"),
    "secrets": _Field("secrets", lambda value: Path(_line(value)), "text"),
}
_OF_MAIL = {
    "host": _Field("host", _host, "host", is_needed=True),
    "port": _Field("port", _port, "port"),
    "tls": _Field("tls", _tls, "tls"),
    "user": _Field("user", _line, "text"),
    "from": _Field("sender", _address, "mail-address", is_needed=True),
    "to": _Field("to", _addresses, "mail-addresses", is_needed=True),
    "attach_report": _Field("attach_report", _flag, "flag"),
    "amounts": _Field("amounts", _flag, "flag"),
    "outcomes": _Field("outcomes", _outcomes, "outcomes"),
}
_OF_WEBHOOK = {
    "url": _Field("url", _url, "webhook-url", is_needed=True),
    "amounts": _Field("amounts", _flag, "flag"),
    "outcomes": _Field("outcomes", _outcomes, "outcomes"),
}
_IN_SECRETS = ("smtp_host", "smtp_user", "smtp_password", "webhook_secret")


def read_channels(settings: Settings) -> Channels | None:
    """Where the notices of the settings' profile go, None where nothing is said of it. Raises SetupError."""
    source, table = notices_table(settings.profile)
    given = _fields(table, "notices", _TABLE, source)
    mail, webhook = given.get("mail"), given.get("webhook")
    if mail is None and webhook is None:
        return None
    return Channels(
        settings.profile or "",
        settings.language,
        None if mail is None else Mail(**_fields(mail, "notices.mail", _OF_MAIL, source)),
        None if webhook is None else Webhook(**_fields(webhook, "notices.webhook", _OF_WEBHOOK, source)),
        given.get("secrets"),
    )


def _fields(table: Any, name: str, known: Mapping[str, _Field], source: str) -> dict[str, Any]:
    """The settings of a table, by argument. Raises SetupError."""
    if not isinstance(table, dict):
        raise SetupError("bad-setting", name=name, value=str(table), source=source, expected="table")
    found: dict[str, Any] = {}
    for key, value in table.items():
        if re.search("password|secret$", key):
            raise SetupError("secret-in-file", name=f"{name}.{key}", source=source)
        if key not in known:
            raise SetupError("unknown-setting", name=f"{name}.{key}", source=source)
        try:
            found[known[key].argument] = known[key].read(value)
        except (ValueError, TypeError) as error:
            facts = {"name": f"{name}.{key}", "value": str(value), "source": source}
            raise SetupError("bad-setting", **facts, expected=known[key].expected) from error
    if missing := [key for key, field in known.items() if field.is_needed and key not in table]:
        raise SetupError("notices-incomplete", name=name, missing=", ".join(missing), source=source)
    return found


@dataclass(frozen=True, slots=True)
class Sender:
    """What it takes to send the notices of a profile: its channels, the password of the mail server, and the key by
    which the webhook's receiver knows us."""

    settings: Settings
    channels: Channels
    password: Secret | None
    key: Secret | None


def sender_of(settings: Settings, environment: Mapping[str, str]) -> Sender | None:
    """The sender of the settings' profile, None where no notices are set up. Its secrets come from the file of secrets
    (`secrets` of `[notices]`, or systemd's `importer.notices.toml`), else from the environment; they are masked from
    now on. Raises SetupError, also when a secret is missing."""
    channels = read_channels(settings)
    if channels is None:
        return None
    file = channels.secrets or secrets_file("importer.notices", environment, None)
    given = {} if file is None else _secrets_in(file, channels)
    variables = dict(zip(("smtp_password", "webhook_secret"), NOTICE_VARIABLES, strict=True))
    found: dict[str, Secret | None] = {}
    for name, variable in variables.items():
        text = given.get(name) or environment.get(variable)
        found[name] = Secret(text) if text else None
        OF_THIS_PROCESS.add(found[name])
    needed = {"smtp_password": bool(channels.mail and channels.mail.user), "webhook_secret": bool(channels.webhook)}
    for name, is_needed in needed.items():
        secret, where = found[name], str(file) if given.get(name) else "environment"
        if is_needed and secret is None:
            raise SetupError("notices-no-secret", name=name, variable=variables[name])
        if secret is not None and not _is_fit(name, secret):
            raise SetupError("bad-setting", name=name, value="***", source=where, expected=name.replace("_", "-"))
    return Sender(settings, channels, found["smtp_password"], found["webhook_secret"])


def senders_of(profiles: Iterable[str], environment: Mapping[str, str]) -> dict[str, Sender]:
    """The senders of those profiles (`""`: none) for which notices are set up. Raises as `sender_of` does."""
    found = {}
    for profile in profiles:
        settings = read_settings({"profile": profile or None}, environment, lambda _: None)
        if (sender := sender_of(settings, environment)) is not None:
            found[profile] = sender
    return found


def _secrets_in(file: Path, channels: Channels) -> dict[str, str]:
    """What a file of secrets holds for the channels: the password only for the server and the user that stand beside
    it. Raises SetupError."""
    given = read_secrets(file)
    for name, value in given.items():
        if name not in _IN_SECRETS:
            raise SetupError("unknown-setting", name=name, source=str(file))
        if not isinstance(value, str):
            raise SetupError("bad-setting", name=name, value="***", source=str(file), expected="text")
    if channels.mail is not None and "smtp_password" in given:
        beside = {"smtp_host": channels.mail.host, "smtp_user": channels.mail.user}
        if missing := [name for name in beside if name not in given]:
            raise SetupError("secrets-incomplete", file=str(file), missing=", ".join(missing))
        for name, expected in beside.items():
            if given[name] != expected:
                raise SetupError("secrets-of-another", file=str(file), name=name, profile=channels.profile or "–")
    return given


def _is_fit(name: str, secret: Secret) -> bool:
    text = secret.reveal()
    return key_of(text) is not None if name == "webhook_secret" else text.isascii() and text.isprintable()


def key_of(text: str) -> bytes | None:
    """The key of a webhook's secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in Base64."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if text.startswith("whsec_") and 24 <= len(key) <= 64 else None
