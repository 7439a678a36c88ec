"""The door: tokens, the user, routes and hosts; and the access log, which has nothing secret or personal."""

import re

import httpx
import pytest

from importer.sandbox import Sandbox, running
from importer.sandbox.operations import Access, AccessError, Credentials
from importer.sandbox.switches import Switches
from tests.sandbox.caller import PATIENCE, Caller, calling, journal

NO_CODE_220 = (220, {"message": "Incorrect authentication", "error": True})
NO_CODE_221 = (221, {"message": "SPX user not found", "error": True})


def test_the_token_differs_from_the_key(caller: Caller) -> None:
    answer = caller.log_in()
    assert answer.status == 200
    assert answer.body["access_token"] != caller.address.api_key
    assert answer.body["token_type"] == "Bearer"


@pytest.mark.parametrize(
    "members",
    [
        {"password": "wrong"},
        {"userid": "somebody"},
        {"email": "other@example.invalid"},
        {"password": ""},
        {"password": None},
        {"userId": "sandbox"},
        {"email": "ñ"},
    ],
)
def test_any_failure_of_login_is_221(caller: Caller, members: dict[str, object]) -> None:
    assert caller.log_in(**members) == NO_CODE_221


@pytest.mark.parametrize("header", ["", "{key}", "bearer {key}", "Bearer  {key}", "Bearer {key}x", "Bearer é"])
def test_login_wants_the_key_as_the_contract_writes_it(caller: Caller, header: str) -> None:
    key = header.format(key=caller.address.api_key).encode().decode("latin-1")
    request = {"userid": "sandbox", "password": caller.address.password, "email": caller.address.email}
    answer = caller.http.post("/login", json=request, headers={b"API-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()) == NO_CODE_221


def test_a_login_without_json_is_221(caller: Caller) -> None:
    key = {"API-Key": f"Bearer {caller.address.api_key}"}
    assert caller.send("POST", "/login", b"userid=sandbox", key) == NO_CODE_221
    assert caller.send("POST", "/login", None, key) == NO_CODE_221


@pytest.mark.parametrize(
    "authorization", ["", "{token}", "Bearer {token}", "BEARER {token}", "bearer  {token}", "bearer {key}"]
)
def test_anything_but_the_token_with_a_small_bearer_is_220(caller: Caller, authorization: str) -> None:
    token = caller.authorization.removeprefix("bearer ")
    header = authorization.format(token=token, key=caller.address.api_key)
    assert caller.send("GET", "/company", headers={"Authorization": header}) == NO_CODE_220


def test_the_scheme_may_be_written_otherwise_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(any_case_scheme=True)
    header = {"Authorization": caller.authorization.replace("bearer", "Bearer")}
    assert caller.send("GET", "/company", headers=header).status == 200


def test_the_token_is_looked_at_before_the_request(sandbox: Sandbox, caller: Caller) -> None:
    last = list(sandbox.company.ledger.journals)[-1]
    assert caller.send("POST", "/journal", b"{", {"Authorization": "bearer x"}) == NO_CODE_220
    assert caller.send("POST", "/journal", journal(), {"Authorization": "bearer x"}) == NO_CODE_220
    assert list(sandbox.company.ledger.journals)[-1] == last


def test_a_token_lasts_for_so_many_requests() -> None:
    with running(switches=Switches(token_requests=2)) as sandbox, calling(sandbox.address) as caller:
        statuses = [caller.get("/company").status for _ in range(4)]
        caller.authorization = f"bearer {caller.log_in().body['access_token']}"
        assert [*statuses, caller.get("/company").status] == [200, 200, 220, 220, 200]


def test_a_token_lasts_for_so_many_seconds() -> None:
    now = [100.0]
    access = Access(Credentials.generate(), clock=lambda: now[0])
    known = access.credentials
    token = access.log_in(f"Bearer {known.api_key}", known.userid, known.password, known.email)
    switches = Switches(token_seconds=60)
    now[0] = 159.9
    access.admit(f"bearer {token}", switches)
    now[0] = 160.0
    with pytest.raises(AccessError) as refused:
        access.admit(f"bearer {token}", switches)
    assert refused.value.status == 220


def test_ended_tokens_are_220_until_the_next_login(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.service.access.grants.clear()
    assert caller.get("/company") == NO_CODE_220
    caller.authorization = f"bearer {caller.log_in().body['access_token']}"
    assert caller.get("/company").status == 200


def test_a_deactivated_user_gets_221_on_every_call_and_at_login() -> None:
    with running(switches=Switches(deactivate_user_after=1)) as sandbox, calling(sandbox.address) as caller:
        assert caller.get("/company").status == 200
        assert caller.get("/company") == NO_CODE_221
        assert caller.post("/journal", b"{") == NO_CODE_221
        assert caller.log_in() == NO_CODE_221
        unknown = caller.send("GET", "/company", headers={"Authorization": "bearer x"})
        assert unknown == NO_CODE_220


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/notifications/2022007/1/0", 404),
        ("GET", "/company/", 404),
        ("POST", "/journal/range/1", 404),
        ("POST", "/journal/range/1%2F2", 404),
        ("POST", "/journal/range/1/2/3", 404),
        ("GET", "/journal", 405),
        ("POST", "/company", 405),
    ],
)
def test_unknown_routes_are_told_in_json(caller: Caller, method: str, path: str, status: int) -> None:
    answer = caller.send(method, path, is_documented=False)
    assert answer.status == status
    assert answer.body["error"] is True


def test_each_segment_of_a_path_is_decoded(caller: Caller) -> None:
    answer = caller.http.post("/journal/range/%35326/532%36", headers={"Authorization": caller.authorization})
    assert [journal["jrnalNo"] for journal in answer.json()["response"]] == [5326]


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "127.0.0.1.example.com:{port}", "localhost:1", ""])
def test_a_foreign_host_header_is_turned_away(sandbox: Sandbox, caller: Caller, host: str) -> None:
    port = httpx.URL(sandbox.address.spx_url).port
    headers = {"Host": host.format(port=port), "Authorization": caller.authorization}
    answer = caller.http.get("/company", headers=headers)
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}", "127.0.0.1:{port}"])
def test_loopback_names_are_let_in(sandbox: Sandbox, caller: Caller, host: str) -> None:
    port = httpx.URL(sandbox.address.spx_url).port
    headers = {"Host": host.format(port=port), "Authorization": caller.authorization}
    assert caller.http.get("/company", headers=headers).status_code == 200


def test_answers_are_json_in_utf8_without_a_charset(caller: Caller) -> None:
    answer = caller.http.get("/dimension", params={"catID": "07"}, headers={"Authorization": caller.authorization})
    assert answer.headers["content-type"] == "application/json"
    assert "Domínguez Pérez, Laura".encode() in answer.content


def test_secrets_stay_out_of_what_is_printed(sandbox: Sandbox) -> None:
    shown = f"{sandbox!r} {sandbox.address!r} {sandbox.service!r}"
    assert sandbox.address.password not in shown
    assert sandbox.address.api_key not in shown


def test_every_start_makes_new_secrets(sandbox: Sandbox) -> None:
    with running() as other:
        assert other.address.password != sandbox.address.password
        assert other.address.api_key != sandbox.address.api_key
        assert other.address.spx_url != sandbox.address.spx_url


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
