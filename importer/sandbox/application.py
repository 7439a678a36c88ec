"""The routes of both services, the check of the Host header before them, and the access log."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.sandbox import sovos
from importer.sandbox.access import Dialect
from importer.sandbox.operation import Operation
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.service import Service, write_json_answer

LONGEST_PATH = 200
"""Characters of a path in the access log."""

_NOTES = "importer.sandbox.notes"

Endpoint = Callable[[Request], Awaitable[Response]]
SOVOS = "/api/rest/"


def build_application(service: Service, log: Callable[[str], object] | None = None) -> ASGIApp:
    """All routes over one service; unknown ones answer 404 (A-10). `log` is called with each line of the log."""
    application = Starlette(
        routes=[
            *(
                Route(path, _sovos_endpoint(service, operation, path), methods=["POST"])
                for path, operation in sovos.OPERATIONS.items()
            ),
            *(_route(service, operation) for operation in OPERATIONS),
        ],
        exception_handlers={
            HTTPException: _http_error,
            ClientDisconnect: _no_error,
            Exception: _own_error,
        },
    )
    application.router.redirect_slashes = False
    checked = _LoopbackOnly(application)
    return checked if log is None else AccessLog(checked, log)


def _route(service: Service, operation: Operation) -> Route:
    is_live = service.dialect is Dialect.LIVE
    method = operation.live_method if is_live and operation.live_method else operation.method
    path = service.dialect.base_path + operation.path

    async def endpoint(request: Request) -> Response:
        note(request.scope, operation=operation.name, path=path)
        return await service.respond(operation, request)

    return Route(path, endpoint, methods=[method])


def _sovos_endpoint(service: Service, operation: sovos.Operation, path: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        note(request.scope, operation=operation.__name__, path=path)
        return await service.respond_as_sovos(operation, request)

    return endpoint


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


class AccessLog:
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
