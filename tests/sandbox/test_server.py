"""The server around the service: starting, stopping, and what it leaves alone."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import asdict

import httpx
import pytest

from importer.sandbox import Company, Switches, read_company, running
from tests.sandbox.caller import PATIENCE, calling, journal

FOREGROUND = """
import json, sys
from dataclasses import asdict
from importer.sandbox import Switches, serve_forever
def tell(address):
    print(json.dumps(asdict(address)), flush=True)
try:
    serve_forever(0, Switches(), tell)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def is_listening(url: httpx.URL) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((url.host, url.port or 0)) == 0


def test_it_listens_on_loopback_while_the_block_runs_and_not_after() -> None:
    with running() as sandbox:
        url = httpx.URL(sandbox.address.spx_url)
        assert url.host == "127.0.0.1"
        assert is_listening(url)
    assert not is_listening(url)
    assert not [thread for thread in threading.enumerate() if thread.name == "sandbox"]


def test_it_stops_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), running() as sandbox:
        url = httpx.URL(sandbox.address.spx_url)
        raise ZeroDivisionError
    assert not is_listening(url)


def test_it_stops_while_a_connection_is_kept_alive() -> None:
    with running() as sandbox, calling(sandbox.address) as caller:
        assert caller.get("/company").status == 200
        url = httpx.URL(sandbox.address.spx_url)
        sandbox_thread = next(thread for thread in threading.enumerate() if thread.name == "sandbox")
    assert not sandbox_thread.is_alive()
    assert not is_listening(url)


def test_a_port_can_be_asked_for_and_taken_again() -> None:
    with running() as first:
        port = httpx.URL(first.address.spx_url).port or 0
        with pytest.raises(OSError), running(port=port):
            pass
    with running(port=port) as second, calling(second.address) as caller:
        assert second.address.spx_url == first.address.spx_url
        assert caller.get("/company").status == 200


def test_each_sandbox_has_a_company_of_its_own() -> None:
    with running() as one, running() as other, calling(one.address) as caller:
        caller.post("/journal", journal())
        assert 5329 in one.company.ledger.journals
        assert 5329 not in other.company.ledger.journals


def test_another_company_may_be_played() -> None:
    company: Company = read_company()
    company.name = "Escuela"
    with running(company=company) as sandbox, calling(sandbox.address) as caller:
        assert caller.get("/company").response["name"] == "Escuela"


def test_calls_are_counted_as_they_arrive() -> None:
    with running(switches=Switches(unreachable_before_posting=True)) as sandbox:
        with calling(sandbox.address) as caller:
            caller.post("/journal", journal())
            caller.post("/journal", b"{")
        assert sandbox.calls == {"login": 1, "post_journal": 2}


def test_postings_from_many_threads_never_mix() -> None:
    with running() as sandbox, calling(sandbox.address) as caller:
        numbers = []

        def post() -> None:
            for _ in range(10):
                numbers.append(caller.post("/journal", journal()).response["journalNumber"])

        threads = [threading.Thread(target=post) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == [str(number) for number in range(5329, 5369)]
        assert sum(one.line.amount for one in sandbox.company.ledger.all_movements()) == 0


def test_the_thread_leaves_signals_alone() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with running():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with running() as sandbox, calling(sandbox.address) as caller:
        caller.get("/company")
        caller.send("GET", "/nowhere", is_documented=False)
        with socket.create_connection(("127.0.0.1", caller.http.base_url.port or 0)) as raw:
            raw.sendall(b"this is not HTTP\r\n\r\n")
            raw.recv(1000)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child process")
@pytest.mark.parametrize(("number", "ending"), [(signal.SIGINT, "interrupted\n"), (signal.SIGTERM, "")])
def test_in_the_foreground_it_serves_until_a_signal(number: signal.Signals, ending: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", FOREGROUND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        address = json.loads(child.stdout.readline())
        assert httpx.get(f"{address['spx_url']}/company", trust_env=False, timeout=PATIENCE).status_code == 220
        child.send_signal(number)
        output, complaints = child.communicate(timeout=PATIENCE)
    assert (output, complaints) == (ending, "")


def test_the_address_has_what_the_command_prints() -> None:
    with running() as sandbox:
        assert list(asdict(sandbox.address)) == [
            *("userid", "email", "password", "api_key", "sovos_api_key"),
            *("spx_url", "sovos_url"),
        ]


def test_it_shares_no_code_with_the_client() -> None:
    script = "import sys, importer.sandbox; print(*(name for name in sys.modules if name.startswith('importer.')))"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    rooms = {name.split(".")[1] for name in child.stdout.split()}
    assert rooms == {"sandbox"}
