"""Who receives notices: a mail server and a webhook, on this machine, under TLS."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "canary-smtp-password"


@dataclass
class Mailbox:
    """What has arrived: mails, and whom each envelope names. `refusals` are answered, the first one first, in place of
    taking a mail; `on_mail` is called when one was taken, before the server says so."""

    port: int = 0
    refusals: list[str] = field(default_factory=list)
    refused_recipients: frozenset[str] = frozenset()
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    on_mail: Callable[[], object] = lambda: None

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: Any
    ) -> Any:
        self.said.append("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.said.append("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused_recipients:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        self.raw.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        self.on_mail()
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password.decode() == PASSWORD)


@contextmanager
def mail_server(certificate: trustme.LeafCert | None, *, is_implicit: bool = False, **given: Any) -> Iterator[Mailbox]:
    """A mail server on this machine; without a certificate it knows no TLS."""
    mailbox, loop = Mailbox(**given), asyncio.new_event_loop()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)

    def talk() -> SMTP:
        return SMTP(
            mailbox,
            loop=loop,
            hostname="mail.example.org",
            tls_context=None if is_implicit else context,
            require_starttls=context is not None and not is_implicit,
            auth_require_tls=not is_implicit,
            authenticator=mailbox.authenticate,
        )

    async def begin() -> asyncio.Server:
        return await loop.create_server(talk, "127.0.0.1", 0, ssl=context if is_implicit else None)

    async def finish() -> None:
        server.close()
        await server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = loop.run_until_complete(begin())
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield mailbox
    finally:
        asyncio.run_coroutine_threadsafe(finish(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def slow_mail_server() -> Iterator[int]:
    """The port of a mail server whose greeting never comes to its end: a byte now and then, as long as one listens."""
    listens, gone = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def greet() -> None:
        with suppress(OSError):
            connection, _ = listens.accept()
            with connection:
                for _ in range(500):
                    connection.sendall(b"2")
                    if gone.wait(0.02):
                        break

    thread = threading.Thread(target=greet)
    thread.start()
    try:
        yield listens.getsockname()[1]
    finally:
        gone.set()
        thread.join()
        listens.close()


@dataclass
class Hook:
    """What was posted: headers (in small letters) and body. `answers` are status and headers, the first one first;
    afterwards 204."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def webhook(certificate: trustme.LeafCert, *answers: tuple[int, dict[str, str]]) -> Iterator[Hook]:
    """A receiver of notices on this machine, over TLS."""
    hook = Hook(answers=list(answers))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = hook.answers.pop(0) if hook.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        hook.url = f"https://127.0.0.1:{server.server_address[1]}/hook/"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()
