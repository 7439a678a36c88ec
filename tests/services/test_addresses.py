"""Names are looked up once a minute, and again when nobody is there."""

import socket
import ssl
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from importer.services import addresses, connection
from importer.services.addresses import Addresses
from importer.services.connection import Connections, Deadline, Server
from tests.services.odd_service import odd_service, reply

HERE = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[object]:
    """How often each name was looked up; each leads here."""
    count: Counter[object] = Counter()

    def look_up(host: object, *_: object, **__: object) -> list[Any]:
        count[host] += 1
        return [HERE]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return count


def test_a_name_is_looked_up_once(asked: Counter[object]) -> None:
    known = Addresses()
    assert known.of("one.example", 443) == known.of("one.example", 443)
    assert asked == {b"one.example": 1}


def test_names_and_ports_are_kept_apart(asked: Counter[object]) -> None:
    known = Addresses()
    for host, port in (("one.example", 443), ("two.example", 443), ("one.example", 8443)):
        known.of(host, port)
    assert asked == {b"one.example": 2, b"two.example": 1}


def test_a_name_is_looked_up_anew_when_its_time_is_over(
    asked: Counter[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "KEPT_SECONDS", 0.0)
    known = Addresses()
    known.of("one.example", 443)
    known.of("one.example", 443)
    assert asked == {b"one.example": 2}


def test_a_failed_look_up_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    known = Addresses()
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OSError, match="Temporary"):
        known.of("one.example", 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [HERE])
    assert known.of("one.example", 443)


def leads_to(port: int) -> Callable[..., list[Any]]:
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]


def test_a_server_that_moved_is_found_by_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("moved.example", 443, None)
    with odd_service(reply(200, b"{}"), reply(200, b"{}")) as service, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        connections = Connections()
        monkeypatch.setattr(socket, "getaddrinfo", leads_to(nobody.getsockname()[1]))
        with pytest.raises(OSError), connections.opened(server, Deadline(60)):
            raise AssertionError("opened")
        monkeypatch.setattr(socket, "getaddrinfo", leads_to(int(service.url.rpartition(":")[2])))
        with connections.opened(server, Deadline(60)) as opened:
            opened.send(b"GET / HTTP/1.1\r\nHost: moved.example\r\n\r\n")
            assert opened.receive().startswith(b"HTTP/1.1 200")


def test_a_server_whose_tls_fails_is_looked_up_anew(asked: Counter[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else may have its address by now."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(globals(), "HERE", (*HERE[:4], silent.getsockname()))
        connections = Connections()
        for _ in range(2):
            server = Server("moved.example", 443, ssl.create_default_context())
            with pytest.raises(OSError), connections.opened(server, Deadline(60)):
                raise AssertionError("opened")
    assert asked == {b"moved.example": 2}
