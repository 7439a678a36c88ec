"""One way out: addresses, redirects, deadlines, truncated answers, early ones."""

import gzip
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from importer.errors import AnswerUnclear, NotSent, SetupError
from importer.services.http import HttpClient, Request, checked_address, place_of
from importer.services.session import segment
from tests.services.odd_service import odd_service, one_connection, reply

ASK = Request("GET", "/company", {"API-Key": "Bearer secret-key"})
LARGE = Request("POST", "/journal", {}, b"x" * 30_000_000)


@pytest.mark.parametrize(
    "url",
    [
        "http://sunplus.example.org",
        "ftp://127.0.0.1",
        "https://user:secret@sunplus.example.org",
        "https://sunplus.example.org/?x=1",
        "sunplus.example.org",
        "https://",
        "https://a..b",
        "https://" + "x" * 70 + ".example",
        "https://host:99999",
        "https://host/api?",
        "https://host/api#",
        "",
    ],
)
def test_an_address_that_would_leak_is_refused(url: str) -> None:
    with pytest.raises(SetupError) as caught:
        checked_address(url)
    assert "secret" not in str(caught.value.facts)


@pytest.mark.parametrize(
    "url", ["https://h.example/api/spxtra/", "http://127.0.0.1:8080", "http://localhost/", "http://[::1]:1"]
)
def test_https_and_loopback_are_good(url: str) -> None:
    assert checked_address(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("place", "urls"),
    [
        (
            "service.example.org:443/Api",
            [
                "https://service.example.org/Api",
                "https://SERVICE.example.org:443/Api/",
                "https://service.example.org./Api",
            ],
        ),
        (
            "xn--contabilidad-espaola-k7b.example:443",
            ["https://contabilidad-española.example", "https://Contabilidad-Española.example/"],
        ),
        ("127.0.0.1:80", ["http://127.0.0.1", "http://127.0.0.1:80/"]),
        ("[::1]:8080/a/b", ["http://[::1]:8080/a/b", "http://[::1]:8080/a/b/"]),
    ],
)
def test_an_address_is_one_place_however_it_is_spelt(place: str, urls: list[str]) -> None:
    assert [place_of(url) for url in urls] == [place] * len(urls)


def test_a_redirect_is_not_followed() -> None:
    redirect = b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/elsewhere\r\nContent-Length: 0\r\n\r\n"
    with odd_service(redirect) as service:
        assert HttpClient(service.url, 60)(ASK).status == 307
    assert len(service.requests) == 1


def test_a_dripping_server_is_cut_at_the_deadline() -> None:
    with (
        odd_service(reply(200, b"x" * 10_000), drips=True) as service,
        pytest.raises(AnswerUnclear, match="timed-out"),
    ):
        HttpClient(service.url, 1)(ASK)


def test_a_server_that_drips_its_head_is_cut_too() -> None:
    head = b"HTTP/1.1 200 X\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(500))
    with odd_service(head, drips=True) as service, pytest.raises(AnswerUnclear, match="timed-out"):
        HttpClient(service.url, 1)(ASK)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"response"',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"resp',
        b"not http at all\r\n\r\n",
        b"",
    ],
)
def test_an_answer_that_is_not_whole_is_unclear(answer: bytes | None) -> None:
    with odd_service(answer) as service, pytest.raises(AnswerUnclear, match="cut"):
        HttpClient(service.url, 60)(ASK)


def test_a_refused_connection_sent_nothing() -> None:
    with odd_service() as service:
        pass
    with pytest.raises(NotSent):
        HttpClient(service.url, 60)(ASK)


def test_unregistered_statuses_come_through_as_they_are() -> None:
    for status in (201, 220, 221, 299):
        with odd_service(reply(status, b"{}")) as service:
            assert HttpClient(service.url, 60)(ASK).status == status


def test_a_request_never_shows_what_it_carries() -> None:
    assert "secret-key" not in repr(ASK) and "POST" not in repr(ASK)


def test_a_packed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    with odd_service(head.encode() + bomb) as service:
        assert HttpClient(service.url, 60)(ASK).body == bomb
    assert b"accept-encoding: identity" in service.requests[0].lower()


def test_an_answer_that_is_given_before_the_request_was_read_is_taken() -> None:
    def refuse(taken: socket.socket) -> None:
        taken.recv(1)
        taken.sendall(reply(413, b"too much"))
        taken.shutdown(socket.SHUT_WR)
        while taken.recv(1_000_000):
            pass

    with one_connection(refuse) as port:
        answer = HttpClient(f"http://127.0.0.1:{port}", 60)(LARGE)
    assert (answer.status, answer.body) == (413, b"too much")


def test_a_server_that_answers_early_and_resets_is_heard_or_unclear() -> None:
    def refuse(taken: socket.socket) -> None:
        taken.recv(1)
        taken.sendall(reply(413, b"too much"))

    with one_connection(refuse) as port:
        try:
            assert HttpClient(f"http://127.0.0.1:{port}", 60)(LARGE).status == 413
        except AnswerUnclear as unclear:
            assert unclear.key == "cut"


@pytest.mark.parametrize("text", [".", ".."])
def test_a_segment_of_dots_leads_to_no_other_path(text: str) -> None:
    with odd_service(reply(200, b"{}")) as service:
        HttpClient(service.url, 60)(Request("GET", f"/address/{segment(text)}", {}))
    assert f"GET /address/{text.replace('.', '%2E')} HTTP/1.1" in service.requests[0].decode()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine knows no IPv6")
def test_an_address_in_brackets_is_reached() -> None:
    asked = bytearray()

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.extend(connection.recv(65536))
            connection.sendall(reply(200, b"{}"))

    with (
        socket.create_server(("::1", 0), family=socket.AF_INET6) as listener,
        ThreadPoolExecutor(1) as service,
    ):
        listener.settimeout(60)
        service.submit(answer)
        port = listener.getsockname()[1]
        assert HttpClient(f"http://[::1]:{port}", 60)(ASK).status == 200
    assert f"\r\nHost: [::1]:{port}\r\n".encode() in asked
