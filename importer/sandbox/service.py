"""One request from the socket to the answer: authentication, body, work, and the answer to every failure."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from importer.sandbox import sovos
from importer.sandbox.access import Access, AccessError, Dialect, user_not_found
from importer.sandbox.company import Company
from importer.sandbox.operation import Call, Members, Operation, QueryError
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
        body = await request.body()
        await self._arrive(operation.__name__)
        exchange = Exchange(
            operation.__name__,
            request,
            work=lambda company: self._work_as_sovos(operation, request, body, company),
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

    def _work_as_sovos(self, operation: sovos.Operation, request: Request, body: bytes, company: Company) -> Response:
        key = self.access.credentials.sovos_api_key
        return sovos.answer(operation, sovos.Query(company.stamps, key, self.switches, request.headers, body))

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
            answer["linesError"] = [{"line": one.line, "message": one.message} for one in failure.line_errors]
        return answer


def write_json_answer(status: int, members: Members, headers: dict[str, str] | None = None) -> Response:
    """An answer of that HTTP status with `members` as JSON and `headers` besides its type, which has no charset, as in
    the examples (A-24)."""
    return Response(write_json(members), status, headers, media_type="application/json")
