"""One request from the socket to the answer: door, body, work, and the way every failure is told."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from importer.sandbox.access import Access
from importer.sandbox.company_lists import Company
from importer.sandbox.failures import AccessError, MalformedError, QueryError, user_not_found
from importer.sandbox.json_text import read_json, write_json
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.switches import Switches


@dataclass(slots=True)
class Service:
    """The live state behind the routes. `calls` counts the requests of each operation as they arrive."""

    company: Company
    access: Access
    switches: Switches = field(default_factory=Switches)
    latency: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)

    async def respond(self, operation: Operation, request: Request) -> Response:
        """Answers one request. The work runs in one go, so that no two postings ever mix."""
        body = await request.body()
        self.calls[operation.name] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        try:
            return _json(200, self._answer(operation, request, body))
        except AccessError as denied:
            return _json(denied.status, {"message": denied.message, "error": True})
        except QueryError as failure:
            return _json(201, self._told(failure, operation))

    def _answer(self, operation: Operation, request: Request, raw_body: bytes) -> dict[str, object]:
        """The order of checks is token, user, parameters, work (A-19)."""
        if operation.needs_token:
            self.access.admit(request.headers.get("authorization", ""), self.switches)
        try:
            body = _read_body(operation, request, raw_body)
            path = {name: unquote(segment) for name, segment in request.path_params.items()}
            call = Call(
                company=self.company,
                access=self.access,
                switches=self.switches,
                headers=request.headers,
                path=path,
                query=request.query_params,
                body=body,
            )
            return operation.answer(call)
        except MalformedError as malformed:
            if operation.code_of_malformed is None:
                raise user_not_found() from None
            raise QueryError(operation.code_of_malformed, str(malformed)) from None

    def _told(self, failure: QueryError, operation: Operation) -> dict[str, object]:
        text = operation.codes[failure.code]
        code: str | int = "299" if self.switches.code_outside_the_table else failure.code
        answer: dict[str, object] = {
            "message": "Incorrect query",
            "description": f"{text}: {failure.detail}" if failure.detail else text,
            "code": int(code) if self.switches.numeric_codes else code,
            "error": True,
        }
        if failure.line_errors:
            answer["linesError"] = [{"line": one.line, "message": one.message} for one in failure.line_errors]
        return answer


def _read_body(operation: Operation, request: Request, raw: bytes) -> object:
    if operation.body is Body.IGNORED:
        return None
    if not raw:
        if operation.body is Body.NONE_OR_EMPTY:
            return None
        raise MalformedError("a body is required")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MalformedError("Content-Type must be application/json")
    try:
        document = read_json(raw)
    except ValueError:
        raise MalformedError("the body is not JSON in UTF-8") from None
    if operation.body is Body.NONE_OR_EMPTY and document != {}:
        raise MalformedError("no body is expected")
    return document


def build_application(service: Service) -> ASGIApp:
    """All routes over one service; unknown ones answer 404 in JSON (A-10)."""
    application = Starlette(
        routes=[
            Route(operation.path, _endpoint(service, operation), methods=[operation.method]) for operation in OPERATIONS
        ],
        exception_handlers={HTTPException: _tell_http_error, Exception: _tell_own_error},
    )
    application.router.redirect_slashes = False
    return _Gate(application)


def _endpoint(service: Service, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await service.respond(operation, request)

    return endpoint


def _json(status: int, members: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    return Response(write_json(members), status, headers, media_type="application/json")


async def _tell_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # the handler is registered for this class only
    message = {404: "No such route", 405: "Method not allowed"}.get(error.status_code, error.detail)
    return _json(error.status_code, {"message": message, "error": True}, dict(error.headers or {}))


async def _tell_own_error(request: Request, error: Exception) -> Response:
    logging.getLogger("importer.sandbox").error("The sandbox itself failed", exc_info=error)
    return _json(500, {"message": f"The sandbox itself failed at {request.method}", "error": True})


class _Gate:
    """Lets only requests for this machine pass (a page of a browser may be bound to 127.0.0.1 by its own
    DNS), and hands the path on as it came: a `%2F` inside a segment is no border (W-05)."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        port = scope["server"][1]
        allowed = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")}
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            refusal = _json(421, {"message": "This sandbox answers to loopback names only", "error": True})
            await refusal(scope, receive, send)
            return
        await self.application({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)
