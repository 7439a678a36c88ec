"""The routes of both services, the gate before them, and what is told where there is no route."""

import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from importer.sandbox.access_log import AccessLog, note
from importer.sandbox.dialect import Dialect
from importer.sandbox.operation import Operation
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.service import Service, write_json_answer
from importer.sandbox.sovos.answers import PATHS

Endpoint = Callable[[Request], Awaitable[Response]]
SOVOS = "/api/rest/"


def build_application(service: Service, log: Callable[[str], object] | None = None) -> ASGIApp:
    """All routes over one service; unknown ones answer 404 (A-10). `log` is called with each line of the log."""
    application = Starlette(
        routes=[
            *(
                Route(path, _sovos_endpoint(service, operation, path), methods=["POST"])
                for path, operation in PATHS.items()
            ),
            *(_route(service, operation) for operation in OPERATIONS),
        ],
        exception_handlers={
            HTTPException: _tell_http_error,
            ClientDisconnect: _tell_nobody,
            Exception: _tell_own_error,
        },
    )
    application.router.redirect_slashes = False
    gate = _Gate(application)
    return gate if log is None else AccessLog(gate, log)


def _route(service: Service, operation: Operation) -> Route:
    is_live = service.dialect is Dialect.LIVE
    method = operation.live_method if is_live and operation.live_method else operation.method
    path = service.dialect.base_path + operation.path

    async def endpoint(request: Request) -> Response:
        note(request.scope, operation=operation.name, path=path)
        return await service.respond(operation, request)

    return Route(path, endpoint, methods=[method])


def _sovos_endpoint(service: Service, operation: str, path: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        note(request.scope, operation=operation, path=path)
        return await service.respond_as_sovos(operation, request)

    return endpoint


async def _tell_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if request.scope["path"].startswith(SOVOS):
        return Response(status_code=404)  # the one status it has for wrong URLs, without a body (S-11)
    message = {404: "No such route", 405: "Method not allowed"}.get(error.status_code, error.detail)
    return write_json_answer(error.status_code, {"message": message, "error": True}, dict(error.headers or {}))


async def _tell_nobody(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


async def _tell_own_error(request: Request, error: Exception) -> Response:
    logging.getLogger("importer.sandbox").error("The sandbox itself failed", exc_info=error)
    return write_json_answer(500, {"message": f"The sandbox itself failed at {request.method}", "error": True})


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
            refusal = write_json_answer(421, {"message": "This sandbox answers to loopback names only", "error": True})
            await refusal(scope, receive, send)
            return
        await self.application({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)
