"""Where notices go: `[notices]` of the settings file, and the secrets that stand elsewhere. Nothing of it ever comes
from a workbook."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast, get_type_hints

from msgspec import Meta, convert

from importer.credentials import NOTICE_VARIABLES, read_secrets, secrets_file
from importer.errors import SetupError
from importer.model.secrets import OF_THIS_PROCESS, Secret
from importer.services.http import checked_address
from importer.settings import Settings, read_settings
from importer.settings_file import notices_table
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


Kind = TypeVar("Kind")
_Host = Annotated[str, Meta(pattern=r"\A(?:[A-Za-z0-9.-]+|\[?[0-9a-fA-F:.]+\]?)\Z")]
_Address = Annotated[
    str, Meta(pattern=r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\Z")
]  # as HTML defines a valid mail address
_Outcomes = Annotated[tuple[Annotated[str, Meta(pattern=rf"\A(?:{'|'.join(OUTCOMES)})\Z")], ...], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and whom it is to bring notices. `tls` is `implicit` or `starttls` (`""`: as usual at the port);
    without a `user` nobody is logged in. `attach_report`: with the report; `amounts`: with what was posted; `outcomes`:
    of what (`OUTCOMES`)."""

    host: _Host
    sender: _Address
    to: Annotated[tuple[_Address, ...], Meta(min_length=1)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    tls: Literal["", "implicit", "starttls"] = ""
    user: str = ""
    attach_report: bool = False
    amounts: bool = False
    outcomes: _Outcomes = OUTCOMES

    @property
    def is_implicit(self) -> bool:
        """True when the connection begins with TLS."""
        return self.tls == "implicit" or (not self.tls and self.port == _IMPLICIT_PORT)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to which notices are posted. `amounts` and `outcomes` as in `Mail`."""

    url: str
    amounts: bool = False
    outcomes: _Outcomes = OUTCOMES


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


@dataclass(frozen=True, slots=True)
class _Notices:
    mail: dict[str, Any] | None = None
    webhook: dict[str, Any] | None = None
    secrets: str | None = None


_MEMBERS = {"from": "sender"}
"""Settings that have another name than the member."""
_EXPECTED = {
    **{"mail": "table", "webhook": "table", "secrets": "text", "host": "host", "port": "port", "tls": "tls"},
    **{"user": "text", "from": "mail-address", "to": "mail-addresses", "attach_report": "flag", "amounts": "flag"},
    **{"outcomes": "outcomes", "url": "webhook-url"},
}
"""The catalogue's words for what is expected of a setting."""
_IN_SECRETS = ("smtp_host", "smtp_user", "smtp_password", "webhook_secret")


def read_channels(settings: Settings) -> Channels | None:
    """Where the notices of the settings' profile go, None where nothing is said of it. Raises SetupError."""
    source, table = notices_table(settings.profile)
    given = _read(_Notices, table, "notices", source)
    if given.mail is None and given.webhook is None:
        return None
    mail = None if given.mail is None else _read(Mail, given.mail, "notices.mail", source)
    webhook = None if given.webhook is None else _read(Webhook, given.webhook, "notices.webhook", source)
    if mail is not None:
        mail = replace(mail, host=mail.host.strip("[]"), to=tuple(dict.fromkeys(mail.to)))
    secrets = None if given.secrets is None else Path(given.secrets)
    return Channels(settings.profile or "", settings.language, mail, webhook, secrets)


def _read(kind: type[Kind], table: Any, name: str, source: str) -> Kind:
    """The settings of a table as a `kind` (a dataclass). Raises SetupError."""
    if not isinstance(table, dict):
        raise SetupError("bad-setting", name=name, value=str(table), source=source, expected="table")
    types, found = get_type_hints(kind, include_extras=True), dict[str, Any]()
    for key, value in table.items():
        member = _MEMBERS.get(key, key)
        if re.search("password|secret$", key):
            raise SetupError("secret-in-file", name=f"{name}.{key}", source=source)
        if member not in types or key not in _EXPECTED:
            raise SetupError("unknown-setting", name=f"{name}.{key}", source=source)
        try:
            if isinstance(value, str) and not (value.strip() and value.isprintable()):
                raise ValueError
            found[member] = convert(value.strip() if isinstance(value, str) else value, types[member])
            if key == "url":
                checked_address(found[member])
        except (ValueError, SetupError) as error:
            facts = {"name": f"{name}.{key}", "value": str(value), "source": source}
            raise SetupError("bad-setting", **facts, expected=_EXPECTED[key]) from error
    needed = {one.name for one in fields(cast(Any, kind)) if one.default is MISSING} - found.keys()
    if missing := [key for key in _EXPECTED if _MEMBERS.get(key, key) in needed]:
        raise SetupError("notices-incomplete", name=name, missing=", ".join(missing), source=source)
    return kind(**found)


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
