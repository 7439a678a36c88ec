"""Both services as one ASGI application: the table of operations, the check of the Host header, the access log; and
each request from authentication over body and work to its answer, or to the answer to a failure."""

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
from importer.sandbox.company import Company
from importer.sandbox.operations import (
    USER_NOT_FOUND,
    Access,
    AccessError,
    Call,
    CodeTable,
    Members,
    Operation,
    QueryError,
    budget,
    documents,
    journals,
    lists,
    records,
)
from importer.sandbox.request_body import Body, MalformedError, Received, read_body, receive, write_json
from importer.sandbox.switches import Dialect, Switches

COMPANY: CodeTable = {"202": "Error in the data obtained", "203": "Error in the data obtained"}
PARAMETERS: CodeTable = COMPANY | {"206": "The parameters sent are invalid"}
DIMENSION_UPDATE: CodeTable = PARAMETERS | {"203": "The code appears to be nonexistent"}
STUDENT: CodeTable = {"201": "Error in the data obtained", "202": "Error in the query, invalid parameters"}
LOOKUP: CodeTable = {
    "202": "Error in the data obtained",
    "203": "Error data not found",
    "206": "Error of information received, incorrect data",
}
TYPE_LIST: CodeTable = {"201": "Error returned by SunPlus", "202": "Connection error to SunPlus"}
SUNPLUS: CodeTable = TYPE_LIST | {"203": "Response error or invalid parameters"}
PRINT: CodeTable = SUNPLUS | {"204": "Printing is not available"}
ADDRESS_WRITE: CodeTable = LOOKUP | TYPE_LIST
CASH_COUNT: CodeTable = SUNPLUS | {"201": "Incorrect data", "206": "Account and/or initial date empty"}
LEDGER_DEFINITION: CodeTable = {
    "202": "Error in the information sent",
    "203": "Response error or invalid parameters",
    "206": "No data found",
}
GENEALOGY: CodeTable = {"203": "Response error or invalid parameters"}
DOCUMENT_LINK: CodeTable = {
    "203": "An error occurred while processing the request",
    "204": "The journal number or line does not exist",
    "205": "The linking path is not available",
    "206": "Invalid data error",
}
DOCUMENT_DELETE: CodeTable = DOCUMENT_LINK | {"206": "The file was not found"}

NO_BODY, JSON, FORM = Body.NONE_OR_EMPTY, Body.REQUIRED, Body.MULTIPART

OPERATIONS: tuple[Operation, ...] = (
    Operation(lists.login, "POST", "/login", {}, None, JSON, needs_token=False, code_of_unreachable=None),
    Operation(lists.get_company, "GET", "/company", COMPANY),
    # The contract spells it so.
    Operation(lists.list_notifications, "GET", "/notificatios/{period}/{onlyPending}/{canceled}", PARAMETERS, "206"),
    Operation(lists.search_students, "GET", "/data-student", STUDENT, code_of_unreachable="201"),
    Operation(lists.get_account_balance, "GET", "/account-balance", LOOKUP, "206"),
    Operation(lists.list_accounts, "GET", "/account-list", LOOKUP),
    Operation(lists.list_dimension_codes, "GET", "/dimension", LOOKUP),
    Operation(records.update_dimension_code, "PUT", "/dimension", DIMENSION_UPDATE, "206", JSON),
    Operation(records.create_dimension_code, "POST", "/dimension", PARAMETERS, "206", JSON),
    Operation(records.delete_dimension_code, "DELETE", "/dimension", PARAMETERS, "206", JSON),
    Operation(journals.post_journal, "POST", "/journal", SUNPLUS, "203", JSON),
    Operation(documents.print_journal, "POST", "/journal/print", PRINT, "203", JSON),
    Operation(
        journals.get_journal_range, "POST", "/journal/range/{start}/{end}", SUNPLUS, "203", NO_BODY, live_method="GET"
    ),
    Operation(lists.list_journal_types, "GET", "/journal/type-list", TYPE_LIST),
    Operation(records.list_addresses, "GET", "/address", SUNPLUS),
    Operation(records.list_required_analysis_codes, "GET", "/address/required-analysis-codes", SUNPLUS),
    Operation(records.create_address, "POST", "/address", ADDRESS_WRITE, "206", JSON),
    Operation(records.update_address, "PUT", "/address", ADDRESS_WRITE, "206", JSON),
    Operation(records.delete_address, "DELETE", "/address/{addressCode}", SUNPLUS, "203"),
    Operation(journals.get_cash_count, "POST", "/cash-count", CASH_COUNT, "201", JSON),
    Operation(lists.get_ledger_definition, "GET", "/ledger-definition", LEDGER_DEFINITION),
    Operation(lists.list_journal_periods, "GET", "/budget/journal-period", LOOKUP),
    Operation(lists.get_genealogy, "GET", "/genealogy", GENEALOGY, code_of_unreachable="203"),
    Operation(lists.list_employee_groups, "GET", "/employee-group/{payrollId}", PARAMETERS, "206"),
    Operation(lists.list_allowance_groups, "GET", "/allowance-group/{payrollId}", PARAMETERS, "206"),
    Operation(lists.get_employee, "GET", "/employee/{payrollId}/{enrollmentCode}", PARAMETERS, "206"),
    Operation(lists.activate_employee, "PUT", "/employee/{payrollId}/{enrollmentCode}", PARAMETERS, "206", NO_BODY),
    Operation(lists.search_employees, "GET", "/employee/{payrollId}", PARAMETERS, "206"),
    Operation(budget.get_budget_balance, "GET", "/budget/balance", LOOKUP, "206"),
    Operation(budget.get_annual_budget, "GET", "/budget/annual", LOOKUP, "206"),
    # A GET with a body, and so is the monthly one.
    Operation(budget.get_annual_budget_used, "GET", "/budget/annual-used", LOOKUP, "206", JSON),
    Operation(budget.get_monthly_budget, "GET", "/budget/monthly", LOOKUP, "206"),
    Operation(budget.get_monthly_budget_used, "GET", "/budget/monthly-used", LOOKUP, "206", JSON),
    Operation(documents.link_document, "POST", "/edocs", DOCUMENT_LINK, "206", FORM, code_of_unreachable=None),
    Operation(documents.delete_document, "DELETE", "/edocs", DOCUMENT_DELETE, "203", JSON, code_of_unreachable=None),
)

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Service:
    """The live state behind the routes. `calls` counts the requests of each operation as they arrive.

    `interceptor`, when there is one, gets the name of each operation and its work, which it may do or not, and answers;
    tests lose answers by it.
    """

    company: Company
    access: Access
    switches: Switches = field(default_factory=Switches)
    dialect: Dialect = Dialect.DOCUMENT
    calls: Counter[str] = field(default_factory=Counter)
    interceptor: Callable[[str, Callable[[], Response]], Response] | None = None

    async def respond(self, operation: Operation, request: Request) -> Response:
        """Answers one request of SunPlusXtra.

        All of it has been read when the work begins; the work (`_work`) runs in one go, so that no two postings
        ever mix; then the answer goes out.
        """
        received = await receive(operation.body, request)
        self.calls[operation.name] += 1
        if self.switches.crash:
            return _message(500, "Server Error")
        if self.switches.bad_gateway:
            return HTMLResponse(BAD_GATEWAY, 502)
        return self._intercepted(operation.name, lambda: self._work(operation, request, received))

    async def respond_as_sovos(self, operation: sovos.Operation, request: Request) -> Response:
        """Answers one request of Sovos."""
        body, key = await request.body(), self.access.credentials.sovos_api_key
        self.calls[operation.__name__] += 1
        query = sovos.Query(self.company.stamps, key, self.switches, request.headers, body)
        return self._intercepted(operation.__name__, lambda: sovos.answer(operation, query))

    def _intercepted(self, operation: str, work: Callable[[], Response]) -> Response:
        return work() if self.interceptor is None else self.interceptor(operation, work)

    def _work(self, operation: Operation, request: Request, received: Received) -> Response:
        try:
            return write_json_answer(200, self._answer(operation, request, received))
        except AccessError as denied:
            return self._deny(denied, operation)
        except QueryError as failure:
            return self._fail(failure, operation.codes[failure.code])

    def _answer(self, operation: Operation, request: Request, received: Received) -> Members:
        """The order of checks is token, user, parameters, work (A-19)."""
        if operation.needs_token:
            self.access.admit(request.headers.get("authorization", ""), self.switches, self.dialect.token_scheme)
        try:
            body = read_body(operation.body, request.headers, received)
            if self.switches.sunplus_unreachable and operation.code_of_unreachable is not None:
                raise QueryError(operation.code_of_unreachable)
            path = {name: unquote(segment) for name, segment in request.path_params.items()}
            at, query = (self.company, self.access, self.switches, self.dialect), request.query_params
            return operation.answer(Call(*at, request.headers, path, query, body))
        except MalformedError as malformed:
            if operation.code_of_malformed is None:
                raise AccessError(*USER_NOT_FOUND) from None
            raise QueryError(operation.code_of_malformed, str(malformed)) from None

    def _deny(self, denied: AccessError, operation: Operation) -> Response:
        is_login, switches = not operation.needs_token, self.switches
        if self.dialect is Dialect.LIVE and (is_login or denied.status == 220):
            return write_json_answer(404 if switches.unauthenticated_404 else 401, {"message": "Unauthenticated."})
        if is_login and switches.login_failure_201:
            return self._fail(QueryError("203"), "Error in the data obtained")
        status = 220 if is_login and switches.login_failure_220 else denied.status
        return _message(status, denied.message)

    def _fail(self, failure: QueryError, text: str) -> Response:
        code: str | int = "299" if self.switches.code_outside_the_table else failure.code
        answer: Members = {
            "message": "Incorrect query",
            "description": f"{text}: {failure.detail}" if failure.detail else text,
            "code": int(code) if self.switches.numeric_codes else code,
            "error": True,
        }
        if failure.line_errors:
            answer["linesError"] = [{"line": line, "message": text} for line, text in failure.line_errors]
        return write_json_answer(200 if self.switches.error_under_200 else 201, answer)


def write_json_answer(status: int, members: Members, headers: dict[str, str] | None = None) -> Response:
    """An answer of that HTTP status with `members` as JSON and `headers` besides its type, which has no charset, as in
    the examples (A-24)."""
    return Response(write_json(members), status, headers, media_type="application/json")


def _message(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return write_json_answer(status, {"message": message, "error": True}, headers)


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
        if _NOTES in request.scope:
            request.scope[_NOTES].update(operation=name, path=path)
        return await respond(request)

    return Route(path, endpoint, methods=[method])


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if request.scope["path"].startswith(SOVOS):
        return Response(status_code=404)  # the one status it has for wrong URLs, without a body (S-11)
    message = {404: "No such route", 405: "Method not allowed"}.get(error.status_code, error.detail)
    return _message(error.status_code, message, dict(error.headers or {}))


async def _no_error(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


async def _own_error(request: Request, error: Exception) -> Response:
    logging.getLogger("importer.sandbox").error("The sandbox itself failed", exc_info=error)
    return _message(500, f"The sandbox itself failed at {request.method}")


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
            await _message(421, "This sandbox answers to loopback names only")(scope, receive, send)
            return
        await self.application({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)


class _AccessLog:
    """Stands around an application and hands a line to `write` when a request has been answered.

    The line: when, method, path, status, operation, duration. No header, no body, no query, and of known paths the
    template only, for codes of people and addresses stand in the path.
    """

    def __init__(self, application: ASGIApp, write: Callable[[str], object]) -> None:
        self.application = application
        self.write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("ascii", "backslashreplace")[:LONGEST_PATH]
        notes = {"operation": "-", "path": path, "status": "-"}

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
            self.write(f"{now} {method} {notes['path']} {status} {operation} {taken:.1f}ms\n")
