"""Authentication: the dialect of the service, one user with secrets of one start, and the tokens of that user."""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from importer.sandbox.switches import Switches


class AccessError(Exception):
    """Authentication refused: HTTP 220 or 221, a body without a code (A-17), and nothing was done (A-19)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


def token_rejected() -> AccessError:
    """220: the token is unknown, expired, or not sent in the way the service wants it."""
    return AccessError(220, "Incorrect authentication")


def user_not_found() -> AccessError:
    """221: no such user, or not active any more."""
    return AccessError(221, "SPX user not found")


class Dialect(StrEnum):
    """The differences of `LIVE` are those that the client `spx-connect` shows; everything else is the document's."""

    DOCUMENT = "document"
    LIVE = "live"

    @property
    def base_path(self) -> str:
        """What stands before every path of SunPlusXtra; Sovos keeps its own paths."""
        return "/api/spxtra" if self is Dialect.LIVE else ""

    @property
    def token_scheme(self) -> str:
        """What stands before the token, in this case of letters: the document has `bearer`; the framework of the live
        service took `Bearer` alone for years."""
        return "Bearer" if self is Dialect.LIVE else "bearer"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login needs; the secrets stay out of `repr`."""

    userid: str
    email: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    sovos_api_key: str = field(repr=False)

    @classmethod
    def generate(cls) -> "Credentials":
        """A new user with new secrets, good for one start of the sandbox."""
        return cls(
            "sandbox", "sandbox@example.invalid", secrets.token_hex(16), secrets.token_hex(32), secrets.token_hex(16)
        )


@dataclass(slots=True)
class _Grant:
    given_at: float
    requests: int = 0


@dataclass(slots=True)
class Access:
    """Gives tokens and checks them. `clock` gives seconds."""

    credentials: Credentials
    clock: Callable[[], float] = time.monotonic
    _grants: dict[str, _Grant] = field(default_factory=dict, repr=False)
    _admitted: int = 0
    _user_is_active: bool = True

    def log_in(self, api_key_header: str | None, userid: str, password: str, email: str) -> str:
        """A new token, never equal to the key (A-14), for the user with this id, password and e-mail address. The
        header with the API key is compared too unless it is None. Raises `AccessError` 221 for any failure (A-16)."""
        known = self.credentials
        pairs = [(userid, known.userid), (password, known.password), (email, known.email)]
        if api_key_header is not None:
            pairs.append((api_key_header, f"Bearer {known.api_key}"))
        matches = [hmac.compare_digest(sent.encode(), wanted.encode()) for sent, wanted in pairs]
        if not all(matches) or not self._user_is_active:
            raise user_not_found()
        token = secrets.token_hex(32)
        self._grants[token] = _Grant(self.clock())
        return token

    def admit(self, authorization: str, switches: Switches, scheme: str = "bearer") -> None:
        """Checks the header `authorization` of a request: `scheme`, letter by letter unless a switch says otherwise,
        and a token. Raises `AccessError` 220 for the token, then 221 for the user (A-19)."""
        given, _, token = authorization.partition(" ")
        if switches.any_case_scheme:
            given, scheme = given.lower(), scheme.lower()
        grant = self._grants.get(token)
        if given != scheme or grant is None or self._has_ended(grant, switches):
            raise token_rejected()
        if switches.deactivate_user_after is not None and self._admitted >= switches.deactivate_user_after:
            self._user_is_active = False
        if not self._user_is_active:
            raise user_not_found()
        grant.requests += 1
        self._admitted += 1

    def end_tokens(self) -> None:
        """Makes every token given so far invalid, as if its time were over."""
        self._grants.clear()

    def _has_ended(self, grant: _Grant, switches: Switches) -> bool:
        if switches.token_requests is not None and grant.requests >= switches.token_requests:
            return True
        return switches.token_seconds is not None and self.clock() - grant.given_at >= switches.token_seconds
