"""Both services as one ASGI application: routes, the check of the Host header, the access log; and each request from
authentication over body and work to its answer, or to the answer to a failure."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.sandbox import sovos
from importer.sandbox.authentication import Access, AccessError, Dialect, user_not_found
from importer.sandbox.company import Company
from importer.sandbox.operation import Call, Members, Operation, QueryError
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.request_body import MalformedError, Received, read_body, receive, write_json
from importer.sandbox.switches import Switches

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

Work = Callable[[Company], Response]
"""Does what a request asks, on the company given, and answers."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that has been read whole, and the ways to answer it.

    `work` does what it asks. `fail` answers a code of the operation's table, and `deny` a refused authentication, both
    without any work.
    """

    operation: str
    request: Request
    work: Work
    fail: Callable[[str], Response]
    deny: Callable[[AccessError], Response]


@dataclass(slots=True)
class Service:
    """The live state behind the routes. `calls` counts the requests of each operation as they arrive.

    `interceptor`, when there is one, answers each request in place of its work, which it may do or not; tests play
    lost and late answers by it.
    """

    company: Company
    access: Access
    switches: Switches = field(default_factory=Switches)
    latency: float = 0.0
    dialect: Dialect = Dialect.DOCUMENT
    calls: Counter[str] = field(default_factory=Counter)
    interceptor: Callable[[Exchange], Response] | None = None

    async def respond(self, operation: Operation, request: Request) -> Response:
        """Answers one request of SunPlusXtra.

        All of it has been read when the work begins; the work (`_work`) runs in one go, so that no two postings
        ever mix; then the answer goes out.
        """
        received = await receive(operation.body, request)
        await self._arrive(operation.name)
        if self.switches.crash:
            return write_json_answer(500, {"message": "Server Error", "error": True})
        if self.switches.bad_gateway:
            return HTMLResponse(BAD_GATEWAY, 502)
        exchange = Exchange(
            operation.name,
            request,
            work=lambda company: self._work(operation, request, received, company),
            fail=lambda code: self._fail(QueryError(code), operation.codes.get(code, "Error")),
            deny=lambda denied: self._deny(denied, operation),
        )
        return self._intercepted(exchange)

    async def respond_as_sovos(self, operation: sovos.Operation, request: Request) -> Response:
        """Answers one request of Sovos."""
        body, key = await request.body(), self.access.credentials.sovos_api_key
        await self._arrive(operation.__name__)
        exchange = Exchange(
            operation.__name__,
            request,
            work=lambda company: sovos.answer(
                operation, sovos.Query(company.stamps, key, self.switches, request.headers, body)
            ),
            fail=lambda code: self._fail(QueryError(code), "Error"),
            deny=lambda denied: write_json_answer(denied.status, {"message": denied.message, "error": True}),
        )
        return self._intercepted(exchange)

    def _intercepted(self, exchange: Exchange) -> Response:
        return self.interceptor(exchange) if self.interceptor is not None else exchange.work(self.company)

    async def _arrive(self, operation: str) -> None:
        self.calls[operation] += 1
        if self.latency:
            await asyncio.sleep(self.latency)

    def _work(self, operation: Operation, request: Request, received: Received, company: Company) -> Response:
        try:
            return write_json_answer(200, self._answer(operation, request, received, company))
        except AccessError as denied:
            return self._deny(denied, operation)
        except QueryError as failure:
            return self._fail(failure, operation.codes[failure.code])

    def _answer(self, operation: Operation, request: Request, received: Received, company: Company) -> Members:
        """The order of checks is token, user, parameters, work (A-19)."""
        if operation.needs_token:
            self.access.admit(request.headers.get("authorization", ""), self.switches, self.dialect.token_scheme)
        try:
            body = read_body(operation.body, request.headers, received)
            if self.switches.sunplus_unreachable and operation.code_of_unreachable is not None:
                raise QueryError(operation.code_of_unreachable)
            path = {name: unquote(segment) for name, segment in request.path_params.items()}
            call = Call(
                company=company,
                access=self.access,
                switches=self.switches,
                headers=request.headers,
                path=path,
                query=request.query_params,
                body=body,
                dialect=self.dialect,
            )
            return operation.answer(call)
        except MalformedError as malformed:
            if operation.code_of_malformed is None:
                raise user_not_found() from None
            raise QueryError(operation.code_of_malformed, str(malformed)) from None

    def _deny(self, denied: AccessError, operation: Operation) -> Response:
        is_login, switches = not operation.needs_token, self.switches
        if self.dialect is Dialect.LIVE and (is_login or denied.status == 220):
            return write_json_answer(404 if switches.unauthenticated_404 else 401, {"message": "Unauthenticated."})
        if is_login and switches.login_failure_201:
            return write_json_answer(201, self._failure(QueryError("203"), "Error in the data obtained"))
        status = 220 if is_login and switches.login_failure_220 else denied.status
        return write_json_answer(status, {"message": denied.message, "error": True})

    def _fail(self, failure: QueryError, text: str) -> Response:
        return write_json_answer(200 if self.switches.error_under_200 else 201, self._failure(failure, text))

    def _failure(self, failure: QueryError, text: str) -> Members:
        code: str | int = "299" if self.switches.code_outside_the_table else failure.code
        answer: Members = {
            "message": "Incorrect query",
            "description": f"{text}: {failure.detail}" if failure.detail else text,
            "code": int(code) if self.switches.numeric_codes else code,
            "error": True,
        }
        if failure.line_errors:
            answer["linesError"] = [{"line": line, "message": text} for line, text in failure.line_errors]
        return answer


def write_json_answer(status: int, members: Members, headers: dict[str, str] | None = None) -> Response:
    """An answer of that HTTP status with `members` as JSON and `headers` besides its type, which has no charset, as in
    the examples (A-24)."""
    return Response(write_json(members), status, headers, media_type="application/json")


LONGEST_PATH = 200
"""Characters of a path in the access log."""

_NOTES = "importer.sandbox.notes"

SOVOS = "/api/rest/"


def build_application(service: Service, log: Callable[[str], object] | None = None) -> ASGIApp:
    """All routes over one service; unknown ones answer 404 (A-10). `log` is called with each line of the log."""
    is_live = service.dialect is Dialect.LIVE
    application = Starlette(
        routes=[
            *(
                _route("POST", path, operation.__name__, partial(service.respond_as_sovos, operation))
                for path, operation in sovos.OPERATIONS.items()
            ),
            *(
                _route(
                    (is_live and operation.live_method) or operation.method,
                    service.dialect.base_path + operation.path,
                    operation.name,
                    partial(service.respond, operation),
                )
                for operation in OPERATIONS
            ),
        ],
        exception_handlers={
            HTTPException: _http_error,
            ClientDisconnect: _no_error,
            Exception: _own_error,
        },
    )
    application.router.redirect_slashes = False
    checked = _LoopbackOnly(application)
    return checked if log is None else _AccessLog(checked, log)


def _route(method: str, path: str, name: str, respond: Callable[[Request], Awaitable[Response]]) -> Route:
    async def endpoint(request: Request) -> Response:
        note(request.scope, operation=name, path=path)
        return await respond(request)

    return Route(path, endpoint, methods=[method])


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if request.scope["path"].startswith(SOVOS):
        return Response(status_code=404)  # the one status it has for wrong URLs, without a body (S-11)
    message = {404: "No such route", 405: "Method not allowed"}.get(error.status_code, error.detail)
    return write_json_answer(error.status_code, {"message": message, "error": True}, dict(error.headers or {}))


async def _no_error(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


async def _own_error(request: Request, error: Exception) -> Response:
    logging.getLogger("importer.sandbox").error("The sandbox itself failed", exc_info=error)
    return write_json_answer(500, {"message": f"The sandbox itself failed at {request.method}", "error": True})


class _LoopbackOnly:
    """Refuses a request for another host, for a page in a browser may have bound its own name to 127.0.0.1; hands the
    path on as it came, for a `%2F` inside a segment separates nothing (W-05)."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        port = scope["server"][1]
        allowed = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")}
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            refusal = write_json_answer(421, {"message": "This sandbox answers to loopback names only", "error": True})
            await refusal(scope, receive, send)
            return
        await self.application({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)


def note(scope: Scope, **facts: str) -> None:
    """Adds to the line of a request: `operation`, `path` (the template) or `remark`, which stands at its end."""
    if _NOTES in scope:
        scope[_NOTES].update(facts)


class _AccessLog:
    """Stands around an application and hands a line to `write` when a request has been answered.

    The line: when, method, path, status, operation, duration, and a remark. No header, no body, no query, and of known
    paths the template only, for codes of people and addresses stand in the path.
    """

    def __init__(self, application: ASGIApp, write: Callable[[str], object]) -> None:
        self.application = application
        self.write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("ascii", "backslashreplace")[:LONGEST_PATH]
        notes = {"operation": "-", "path": path, "status": "-", "remark": ""}

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                notes["status"] = str(message["status"])
            await send(message)

        began = time.perf_counter()
        try:
            await self.application({**scope, _NOTES: notes}, receive, send_noted)
        finally:
            taken = (time.perf_counter() - began) * 1000
            now = datetime.now().astimezone().isoformat(timespec="milliseconds")
            method, status, operation = scope["method"], notes["status"], notes["operation"]
            remark = notes["remark"] and f" {notes['remark']}"
            self.write(f"{now} {method} {notes['path']} {status} {operation} {taken:.1f}ms{remark}\n")
