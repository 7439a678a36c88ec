"""An account of Sovos: a key bound to its host, and what success means there (S-01 to S-03)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from importer.errors import AnswerUnclear, Effect, ServiceFailure, SetupError
from importer.model.secrets import Masking, Secret
from importer.services.http import HttpClient, Request, Response
from importer.services.operations import OPERATIONS, Operation
from importer.services.retry import repeated_read

SUCCEEDED, REFUSED, KEY_REFUSED, NO_SUCH_ADDRESS = 200, 400, 401, 404


class SovosAccount:
    """The key of one host, with the only way to that host: no other request ever carries the key (S-03).

    `url` is `https://go.reachcore.com` in production, `https://oat.reachcore.com` for trying out; `seconds` the
    deadline of a request; `pause` waits a number of seconds between tries; `masking` takes the key out of what an
    answer says, for a refusal may quote the request. Raises SetupError for an address that is not https, except on
    loopback (S-04).
    """

    def __init__(
        self,
        url: str,
        key: Secret,
        seconds: float,
        pause: Callable[[float], None],
        masking: Masking | None = None,
    ) -> None:
        self._exchange = HttpClient(url, seconds)
        self._masking = Masking() if masking is None else masking
        self._masking.add(key, is_token=True)
        self._key = key
        self._pause = pause

    def read(self, operation: str, body: dict[str, str]) -> bytes:
        """Asks, up to three times while no answer or a 5xx comes (S-02), and gives the body of a 200.

        Raises ServiceFailure for a 400, SetupError for a refused key (401) or a wrong address (404), AnswerUnclear for
        every other status, NotSent.
        """
        wanted = OPERATIONS[operation]
        headers = {"Content-Type": "application/json", "Accept": "*/*", "RCApiKey": self._key.reveal()}
        request = Request(wanted.method, wanted.path, headers, msgspec.json.encode(body), most=wanted.most)
        return repeated_read(lambda: _successful_body(self._asked(request), wanted), self._pause)

    def _asked(self, request: Request) -> Response:
        return replace(self._exchange(request), masking=self._masking)

    def close(self) -> None:
        """Closes the connections."""
        self._exchange.close()


def _successful_body(answer: Response, operation: Operation) -> bytes:
    """The body of a 200; the status alone decides (S-11)."""
    if answer.status == SUCCEEDED:
        return answer.body
    if answer.status == REFUSED:
        raise _refusal(answer, operation)
    if answer.status == KEY_REFUSED:
        raise SetupError("sovos-key-refused")
    if answer.status == NO_SUCH_ADDRESS:
        raise SetupError("sovos-address")
    raise AnswerUnclear("status", status=str(answer.status))


class _Error(msgspec.Struct, frozen=True, rename="pascal"):
    code: Any = None
    message: Any = None


class _Errors(msgspec.Struct, frozen=True):
    errors: list[_Error] | None = None


def _refusal(answer: Response, operation: Operation) -> ServiceFailure:
    """The failure that a 400 tells: by its first code, with all messages; the body may be missing (S-10)."""
    try:
        errors = msgspec.json.decode(answer.body, type=_Errors).errors or []
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        errors = []
    code = str(errors[0].code) if errors and errors[0].code else str(REFUSED)
    words = answer.masking("; ".join(str(error.message) for error in errors if error.message))
    meaning = operation.codes.get(code, "")
    code = code if meaning else answer.masking(code)
    return ServiceFailure(code, words, operation=operation.name, meaning=meaning, effect=Effect.NOT_APPLIED)
