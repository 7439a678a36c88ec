"""The access log tells what was asked, and nothing that is secret or personal."""

import re

import httpx
import pytest

from importer.sandbox import running
from tests.sandbox.caller import PATIENCE, calling, journal

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ([A-Z]+ \S+ (?:\d{3}|-) \S+) \d+\.\dms\n")


def test_each_request_is_a_line() -> None:
    log: list[str] = []
    with running(log=log.append) as sandbox, calling(sandbox.address) as caller:
        caller.get("/account-list", part="101110", code="1")
        caller.post("/journal", journal({"account": "642198"}))
        caller.post("/journal/range/5326/5328")
        caller.send("GET", "/company", headers={"Authorization": "bearer secret"})
        caller.send("GET", "/nowhere", is_documented=False)
        caller.ask_sovos("/csv", {"MesConsulta": "2019-10"})
    matches = [LINE.fullmatch(line) for line in log]
    assert [match and match[1] for match in matches] == [
        "POST /login 200 login",
        "GET /account-list 200 list_accounts",
        "POST /journal 201 post_journal",
        "POST /journal/range/{start}/{end} 200 get_journal_range",
        "GET /company 220 get_company",
        "GET /nowhere 404 -",
        "POST /api/rest/Timbre/saldos/csv 200 download_consumption_report_csv",
    ]


def test_no_secret_and_no_person_is_in_the_log() -> None:
    log: list[str] = []
    with running(log=log.append) as sandbox, calling(sandbox.address) as caller:
        caller.get("/data-student", search="ERALCJO01")
        caller.get("/employee/27/ERCHOLU01")
        caller.get("/employee/27", search="CHONG")
        caller.delete("/address/4536789123")
        caller.upload(file=("acta.pdf", b"private"))
        known, text = sandbox.address, "".join(log)
        secrets = (known.password, known.api_key, known.sovos_api_key or "-", known.email, caller.authorization[7:])
        for one in (*secrets, "ERALCJO01", "ERCHOLU01", "CHONG", "4536789123", "acta", "bearer"):
            assert one not in text
    assert len(log) == 6


def test_a_path_cannot_forge_a_line() -> None:
    log: list[str] = []
    with running(log=log.append) as sandbox:
        httpx.get(f"{sandbox.address.spx_url}/a%0Ab%20c", trust_env=False, timeout=PATIENCE)
        httpx.get(f"{sandbox.address.spx_url}/{'x' * 5000}?token=secret", trust_env=False, timeout=PATIENCE)
    assert [line.count("\n") for line in log] == [1, 1]
    assert "/a%0Ab%20c" in log[0]
    assert len(log[1]) < 300 and "secret" not in log[1]


def test_a_request_that_fails_at_the_host_is_logged_too() -> None:
    log: list[str] = []
    with running(log=log.append) as sandbox:
        httpx.get(
            f"{sandbox.address.spx_url}/company", headers={"Host": "example.com"}, trust_env=False, timeout=PATIENCE
        )
    assert len(log) == 1 and " /company 421 - " in log[0]


@pytest.mark.parametrize("dialect", ["document", "live"])
def test_the_template_stands_with_its_base_path(dialect: str) -> None:
    log: list[str] = []
    with running(log=log.append, dialect=dialect) as sandbox:
        httpx.get(f"{sandbox.address.spx_url}/employee/27/X", trust_env=False, timeout=PATIENCE)
        base = sandbox.address.spx_url.removeprefix(sandbox.address.sovos_url)
    assert f" {base}/employee/{{payrollId}}/{{enrollmentCode}} " in log[0]
