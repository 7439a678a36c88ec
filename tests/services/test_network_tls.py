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

from importer.errors import AnswerUnclear, NotSent, SetupError, TryAgain
from importer.run.company import service
from importer.services.certificates import Certificates
from importer.services.http import HttpClient, Request
from importer.services.network import Deadline, Network, Server
from importer.settings import read_settings
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
        assert HttpClient(url, 60)(POST).status == 220
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
        exchange = HttpClient(url, 60)
        answers = list(asking.map(exchange, [POST] * 12))
    assert [answer.status for answer in answers] == [200] * 12 and len(loads) == 1


@trusted
def test_a_handshake_that_stalls_holds_up_no_other(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(2) as asking:
        exchange = HttpClient(f"https://127.0.0.1:{listener.getsockname()[1]}", 60)
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
        monkeypatch.setattr("importer.services.certificates.sys.platform", system)
        trust, start = Certificates(), threading.Barrier(3)

        def context_of_thread(trust: Certificates = trust, start: threading.Barrier = start) -> ssl.SSLContext:
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
    monkeypatch.setattr("importer.services.certificates.sys.platform", "linux")
    monkeypatch.setattr(
        "importer.services.certificates._BUNDLES", (str(tmp_path / "none.pem"), str(tmp_path / "bundle.pem"))
    )
    assert len(Certificates().context().get_ca_certs()) == 1


def asked_in_vain(url: str) -> NotSent:
    with pytest.raises(NotSent) as caught:
        HttpClient(url, 60)(POST)
    return caught.value


def test_a_certificate_that_nobody_vouches_for_was_sent_nothing() -> None:
    with speaking_tls(trustme.CA(), "127.0.0.1", lambda taken: taken.recv(1)) as url:
        failure = asked_in_vain(url)
    assert not failure.may_pass and failure.facts["detail"]


@trusted
def test_a_certificate_for_another_name_was_sent_nothing(authority: trustme.CA) -> None:
    with speaking_tls(authority, "other.example", lambda taken: taken.recv(1)) as url:
        failure = asked_in_vain(url)
    assert not failure.may_pass and "127.0.0.1" in failure.facts["detail"]


def test_a_server_that_breaks_off_the_handshake_was_sent_nothing() -> None:
    with one_connection(lambda taken: taken.recv(1)) as port:
        assert asked_in_vain(f"https://127.0.0.1:{port}").may_pass


def test_a_server_that_answers_in_clear_was_sent_nothing() -> None:
    def answer(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(reply(200, b"{}"))

    with one_connection(answer) as port:
        assert asked_in_vain(f"https://127.0.0.1:{port}").may_pass


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
        HttpClient(url, 60)(POST)


@trusted
def test_an_answer_of_unknown_length_ends_where_tls_says_so(authority: trustme.CA) -> None:
    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        taken.unwrap()

    with speaking_tls(authority, "127.0.0.1", serve) as url:
        assert HttpClient(url, 60)(POST).body == b"all of it"


@trusted
def test_a_server_that_says_nothing_or_does_not_read_is_cut_at_the_deadline(authority: trustme.CA) -> None:
    for request in (POST, LARGE):
        is_over = threading.Event()

        def wait(taken: ssl.SSLSocket, is_over: threading.Event = is_over) -> None:
            taken.recv(1)
            is_over.wait(60)

        with speaking_tls(authority, "127.0.0.1", wait) as url:
            with pytest.raises(AnswerUnclear, match="timed-out"):
                HttpClient(url, 2)(request)
            is_over.set()


@trusted
def test_closing_cuts_what_is_being_sent(authority: trustme.CA) -> None:
    def close_under_way(taken: ssl.SSLSocket) -> None:
        taken.recv(1)
        exchange.close()
        taken.recv(1)

    with speaking_tls(authority, "127.0.0.1", close_under_way) as url:
        exchange = HttpClient(url, 60)
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
        server = Server("127.0.0.1", int(url.rpartition(":")[2]), is_tls=True)
        with Network().opened(server, Deadline(60)) as opened:
            opened.cut()
            opened.send(b"not in clear")
    assert asked == b"not in clear"


def test_authorities_of_a_file_that_is_set_are_trusted_besides_the_systems(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "own.pem")

    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(reply(200, b"{}"))

    with speaking_tls(authority, "127.0.0.1", serve) as url:
        assert HttpClient(url, 60, ca_file=tmp_path / "own.pem")(POST).status == 200
    own, system = Certificates(tmp_path / "own.pem").context(), Certificates().context()
    assert len(own.get_ca_certs()) == len(system.get_ca_certs()) + 1


def test_the_settings_authorities_and_proxy_reach_the_login(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "own.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("service.example").configure_cert(context)
    asked = bytearray()
    with proxy(TUNNEL, asked, context) as address:
        variables = {"SPX_URL": "https://service.example", "SPX_USERID": "u", "SPX_PASSWORD": "p", "SPX_EMAIL": "e"}
        variables |= {"IMPORTER_PROXY": f"http://{address}", "IMPORTER_CA_FILE": str(tmp_path / "own.pem")}
        with pytest.raises(TryAgain), service(read_settings({}, variables, lambda _: None)):
            raise AssertionError("what the proxy answers is no login")
    assert b"CONNECT service.example:443" in asked and b"POST /login" in asked


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_file_of_authorities_without_any_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "own.pem").write_bytes(content)
    with pytest.raises(SetupError, match=r"own\.pem"):
        HttpClient("https://service.example", 60, ca_file=tmp_path / "own.pem")


TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextmanager
def proxy(answer: bytes, asked: bytearray, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a proxy that answers one CONNECT, and is itself the service behind the tunnel."""

    def serve(taken: socket.socket) -> None:
        while not asked.endswith(b"\r\n\r\n"):
            asked.extend(taken.recv(65536))
        taken.sendall(answer)
        if context is not None:
            with context.wrap_socket(taken, server_side=True) as encrypted:
                asked.extend(encrypted.recv(65536))
                encrypted.sendall(reply(200, b"through the tunnel"))

    with one_connection(serve) as port:
        yield f"127.0.0.1:{port}"


@trusted
@pytest.mark.parametrize(("user", "sign_on"), [("", []), ("ana:p%40ss@", [b"Proxy-Authorization: Basic YW5hOnBAc3M="])])
def test_a_proxy_that_is_set_tunnels_to_the_service(user: str, sign_on: list[bytes], authority: trustme.CA) -> None:
    context, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), bytearray()
    authority.issue_cert("xn--espaa-rta.example").configure_cert(context)
    with proxy(TUNNEL, asked, context) as address:
        client = HttpClient("https://españa.example/api", 60, proxy=f"http://{user}{address}")
        assert client(POST).body == b"through the tunnel"
    connect, request = asked.split(b"\r\n\r\n")[:2]
    expected = [b"CONNECT xn--espaa-rta.example:443 HTTP/1.1", b"Host: xn--espaa-rta.example:443", *sign_on]
    assert connect.split(b"\r\n") == expected
    assert request.startswith(b"POST /api/journal HTTP/1.1\r\nHost: xn--espaa-rta.example\r\n")
    assert b"Proxy" not in request


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "407"),
        (b"HTTP/1.1 302 No\r\nLocation: https://elsewhere.example\r\nContent-Length: 0\r\n\r\n", "302"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP"),
        (b"", "no HTTP"),
        (TUNNEL, ""),
    ],
)
def test_a_proxy_that_does_not_tunnel_was_sent_nothing(answer: bytes, detail: str) -> None:
    asked = bytearray()
    with proxy(answer, asked) as address, pytest.raises(NotSent) as caught:
        HttpClient("https://service.example", 60, proxy=f"http://ana:secret@{address}")(POST)
    assert detail in caught.value.facts["detail"] and caught.value.may_pass
    assert b"POST" not in asked and "secret" not in str(caught.value.facts)


@trusted
def test_the_environments_proxy_is_not_used(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(taken: ssl.SSLSocket) -> None:
        taken.recv(65536)
        taken.sendall(reply(200, b"{}"))

    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with speaking_tls(authority, "127.0.0.1", serve) as url:
        assert HttpClient(url, 60)(POST).status == 200


def test_only_an_http_proxy_can_be_set() -> None:
    for address in ("https://proxy.example:1", "socks5://proxy.example:1", "proxy.example:1"):
        with pytest.raises(ValueError, match="http://"):
            HttpClient("https://service.example", 60, proxy=address)
