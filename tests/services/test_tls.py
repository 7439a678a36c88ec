"""TLS: only a certificate that the machine trusts is spoken to, and nothing ever leaves in clear."""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
import truststore

from importer.errors import AnswerUnclear, NotSent
from importer.services.connection import Connections, Deadline, Server
from importer.services.transport import HttpExchange, Request
from importer.services.trust import Trust
from tests.services.odd_service import next_connection, one_connection, reply

POST = Request("POST", "/journal", {"Content-Type": "application/json"}, b'{"amount": 1}')
LARGE = Request("POST", "/journal", {}, b"x" * 30_000_000)

trusted = pytest.mark.skipif(sys.platform != "linux", reason="the certificates of this system cannot be added to")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that this machine trusts, where OpenSSL reads what it trusts from a file."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return made


@contextmanager
def speaking_tls(
    authority: trustme.CA, name: str, serve: Callable[[ssl.SSLSocket], object], *, connections: int = 1
) -> Iterator[str]:
    """The address of a service with a certificate for that name; `serve` is given each of its connections."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    def take(taken: socket.socket) -> None:
        with taken, context.wrap_socket(taken, server_side=True) as encrypted:
            serve(encrypted)

    is_over = threading.Event()

    def accept() -> None:
        taken = (next_connection(listener, is_over) for _ in range(connections))
        serving = [service.submit(take, one) for one in taken if one is not None]
        for done in serving:
            done.result(60)

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        ThreadPoolExecutor(connections) as service,
        ThreadPoolExecutor(1) as accepting,
    ):
        accepted = accepting.submit(accept)
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
        if (failure := accepted.exception(60)) and not isinstance(failure, OSError):  # a client that hangs up
            raise failure


@trusted
def test_a_request_and_its_answer_travel_encrypted(authority: trustme.CA) -> None:
    asked = bytearray()

    def serve(taken: ssl.SSLSocket) -> None:
        asked.extend(taken.recv(65536))
        taken.sendall(reply(220, b"{}"))

    with speaking_tls(authority, "127.0.0.1", serve) as url:
        assert HttpExchange(url, 60)(POST).status == 220
    assert asked.startswith(b"POST /journal HTTP/1.1\r\nHost: 127.0.0.1:") and asked.endswith(b'{"amount": 1}')


@trusted
def test_the_systems_certificates_are_loaded_once_for_all_requests_of_all_threads(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[object] = []
    load = ssl.SSLContext.set_default_verify_paths

    def counted(context: ssl.SSLContext) -> None:
        loads.append(context)
        load(context)

    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(reply(200, b"{}"))

    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", counted)
    with speaking_tls(authority, "127.0.0.1", serve, connections=12) as url, ThreadPoolExecutor(4) as asking:
        exchange = HttpExchange(url, 60)
        answers = list(asking.map(exchange, [POST] * 12))
    assert [answer.status for answer in answers] == [200] * 12 and len(loads) == 1


@trusted
def test_a_handshake_that_stalls_holds_up_no_other(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(2) as asking:
        exchange = HttpExchange(f"https://127.0.0.1:{listener.getsockname()[1]}", 60)
        listener.settimeout(60)
        stalled = asking.submit(exchange, POST)
        silent, _ = listener.accept()
        assert silent.recv(1)  # its handshake has begun, and is never answered
        answered = asking.submit(exchange, POST)
        taken, _ = listener.accept()
        with taken, context.wrap_socket(taken, server_side=True) as encrypted:
            encrypted.recv(65536)
            encrypted.sendall(reply(200, b"{}"))
        assert answered.result(60).status == 200 and not stalled.done()
        silent.close()
        assert isinstance(stalled.exception(60), NotSent)


def test_where_the_system_verifies_each_thread_has_a_context_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, contexts in (("win32", 3), ("darwin", 3), ("linux", 1)):
        monkeypatch.setattr("importer.services.trust.sys.platform", system)
        trust, start = Trust(), threading.Barrier(3)

        def context_of_thread(trust: Trust = trust, start: threading.Barrier = start) -> ssl.SSLContext:
            start.wait(60)
            assert trust.context() is trust.context()
            return trust.context()

        with ThreadPoolExecutor(3) as threads:
            found = [one.result() for one in [threads.submit(context_of_thread) for _ in range(3)]]
        assert len({id(one) for one in found}) == contexts
        assert all(one.verify_mode is ssl.CERT_REQUIRED and one.check_hostname for one in found)


def test_a_python_that_was_built_for_other_places_finds_the_systems_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "bundle.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))  # without a hashed name: OpenSSL would find none in it
    monkeypatch.setattr("importer.services.trust.sys.platform", "linux")
    monkeypatch.setattr("importer.services.trust._BUNDLES", (str(tmp_path / "none.pem"), str(tmp_path / "bundle.pem")))
    assert len(Trust().context().get_ca_certs()) == 1


def asked_in_vain(url: str) -> NotSent:
    with pytest.raises(NotSent) as caught:
        HttpExchange(url, 60)(POST)
    return caught.value


def test_a_certificate_that_nobody_vouches_for_was_sent_nothing() -> None:
    with speaking_tls(trustme.CA(), "127.0.0.1", lambda taken: taken.recv(1)) as url:
        failure = asked_in_vain(url)
    assert failure.certificate and failure.facts["detail"]


@trusted
def test_a_certificate_for_another_name_was_sent_nothing(authority: trustme.CA) -> None:
    with speaking_tls(authority, "other.example", lambda taken: taken.recv(1)) as url:
        failure = asked_in_vain(url)
    assert failure.certificate and "127.0.0.1" in failure.facts["detail"]


def test_a_server_that_breaks_off_the_handshake_was_sent_nothing() -> None:
    with one_connection(lambda taken: taken.recv(1)) as port:
        assert not asked_in_vain(f"https://127.0.0.1:{port}").certificate


def test_a_server_that_answers_in_clear_was_sent_nothing() -> None:
    def answer(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(reply(200, b"{}"))

    with one_connection(answer) as port:
        assert not asked_in_vain(f"https://127.0.0.1:{port}").certificate


@trusted
@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        # Whose length is not told, and whose end TLS does not vouch for: anybody may have cut it.
        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\nline 1\nline 2",
    ],
)
def test_an_answer_that_is_cut_is_unclear(answer: bytes | None, authority: trustme.CA) -> None:
    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(answer or b"")

    with speaking_tls(authority, "127.0.0.1", serve) as url, pytest.raises(AnswerUnclear, match="cut"):
        HttpExchange(url, 60)(POST)


@trusted
def test_an_answer_of_untold_length_ends_where_tls_says_so(authority: trustme.CA) -> None:
    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        taken.unwrap()

    with speaking_tls(authority, "127.0.0.1", serve) as url:
        assert HttpExchange(url, 60)(POST).body == b"all of it"


@trusted
def test_a_server_that_says_nothing_or_does_not_read_is_cut_at_the_deadline(authority: trustme.CA) -> None:
    for request in (POST, LARGE):
        is_over = threading.Event()

        def wait(taken: ssl.SSLSocket, is_over: threading.Event = is_over) -> None:
            taken.recv(1)
            is_over.wait(60)

        with speaking_tls(authority, "127.0.0.1", wait) as url:
            with pytest.raises(AnswerUnclear, match="timed-out"):
                HttpExchange(url, 2)(request)
            is_over.set()


@trusted
def test_closing_cuts_what_is_being_sent(authority: trustme.CA) -> None:
    def close_under_way(taken: ssl.SSLSocket) -> None:
        taken.recv(1)
        exchange.close()
        taken.recv(1)

    with speaking_tls(authority, "127.0.0.1", close_under_way) as url:
        exchange = HttpExchange(url, 60)
        with pytest.raises(AnswerUnclear, match="cut"):
            exchange(LARGE)


@trusted
def test_a_cut_does_not_make_a_connection_forget_its_encryption(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a thread sends while another one is about to cut: between the two, the socket still carries it."""
    asked = bytearray()
    monkeypatch.setattr(socket.socket, "shutdown", lambda *_: None)
    with speaking_tls(authority, "127.0.0.1", lambda taken: asked.extend(taken.recv(100))) as url:
        server = Server("127.0.0.1", int(url.rpartition(":")[2]), truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        with Connections().opened(server, Deadline(60)) as opened:
            opened.cut()
            opened.send(b"not in clear")
    assert asked == b"not in clear"
