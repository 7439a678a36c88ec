"""The dialect of the live service's client: paths, login, range, lost authentication, the whole chart."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from importer.sandbox import Dialect, Sandbox, Switches, running
from tests.contract.schemas import faults_of_answer
from tests.sandbox.caller import PATIENCE, Answer, Caller, judged
from tests.sandbox.examples import call_by_example, in_order
from tests.sandbox.printed import text_of

UNAUTHENTICATED = {"message": "Unauthenticated."}


@pytest.fixture
def live() -> Iterator[Sandbox]:
    with running(dialect="live") as sandbox:
        yield sandbox


@pytest.fixture
def http(live: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live.address.spx_url, trust_env=False, timeout=PATIENCE) as http:
        token = http.post("/login", json=login_of(live)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def login_of(sandbox: Sandbox, **changes: str) -> dict[str, str]:
    known = sandbox.address
    return {"idusuario": known.userid, "password": known.password, "email": known.email} | changes


def test_the_paths_of_sunplusxtra_stand_below_the_base_path(live: Sandbox, http: httpx.Client) -> None:
    assert live.address.spx_url == f"{live.address.sovos_url}/api/spxtra"
    assert http.get("/company").status_code == 200
    assert httpx.get(f"{live.address.sovos_url}/company", trust_env=False, timeout=PATIENCE).status_code == 404


def test_login_wants_idusuario_and_no_key(live: Sandbox, http: httpx.Client) -> None:
    answer = http.post("/login", json=login_of(live))
    assert faults_of_answer("login", answer.status_code, answer.json()) == []
    documents = {"userid": live.address.userid, "password": live.address.password, "email": live.address.email}
    for body in (documents, login_of(live, password="wrong"), login_of(live) | documents):
        refused = http.post("/login", json=body, headers={"API-Key": f"Bearer {live.address.api_key}"})
        assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)


class LiveCaller(Caller):
    """Speaks the live dialect; its answers are judged as those of the document's operations."""

    scheme = "Bearer"

    def log_in(self, **members: object) -> Answer:
        known = self.address
        body = {"idusuario": known.userid, "password": known.password, "email": known.email} | members
        return judged("login", self.http.post("/login", json=body))

    def send(self, method: str, path: str, body: object = None, *args: Any, **keywords: Any) -> Answer:
        if not path.startswith("/journal/range/"):
            return super().send(method, path, body, *args, **keywords)
        answer = self.http.get(path, headers={"Authorization": self.authorization})
        return judged("get_journal_range", answer)


def test_all_operations_are_there(live: Sandbox, http: httpx.Client) -> None:
    caller = LiveCaller(live.address, http)
    assert {one: call_by_example(caller, one).status for one in in_order()} == dict.fromkeys(in_order(), 200)


def test_the_documents_dialect_refuses_the_live_login() -> None:
    with running() as sandbox:
        answer = httpx.post(
            f"{sandbox.address.spx_url}/login", json=login_of(sandbox), trust_env=False, timeout=PATIENCE
        )
        assert answer.status_code == 221


def test_the_range_is_a_get(http: httpx.Client) -> None:
    answer = http.get("/journal/range/5326/5328")
    assert faults_of_answer("get_journal_range", answer.status_code, answer.json()) == []
    assert [one["jrnalNo"] for one in answer.json()["response"]] == [5326, 5327, 5328]
    assert http.post("/journal/range/5326/5328").status_code == 405


def test_the_whole_chart_comes_without_parameters(live: Sandbox, http: httpx.Client) -> None:
    answer = http.get("/account-list")
    assert [row["code"] for row in answer.json()["response"]] == list(live.company.accounts)
    assert http.get("/account-list", params={"part": "1"}).json()["code"] == "206"
    assert len(http.get("/account-list", params={"part": "101110", "code": "1"}).json()["response"]) == 2


def test_lost_authentication_is_401_or_404_with_a_switch(live: Sandbox, http: httpx.Client) -> None:
    live.service.access.grants.clear()
    lost = http.get("/company")
    assert (lost.status_code, lost.json()) == (401, UNAUTHENTICATED)
    live.switch(unauthenticated_404=True)
    lost = http.get("/company")
    assert (lost.status_code, lost.json()) == (404, UNAUTHENTICATED)
    assert http.get("/nowhere").json() != UNAUTHENTICATED


def test_a_user_who_is_gone_is_221_as_the_document_says() -> None:
    with running(dialect=Dialect.LIVE, switches=Switches(deactivate_user_after=0)) as sandbox:
        url = sandbox.address.spx_url
        token = httpx.post(f"{url}/login", json=login_of(sandbox), trust_env=False, timeout=PATIENCE).json()[
            "access_token"
        ]
        answer = httpx.get(
            f"{url}/company", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=PATIENCE
        )
        assert answer.status_code == 221


def test_the_scheme_has_a_capital_b_as_the_framework_of_the_live_service_wants_it(
    live: Sandbox, http: httpx.Client
) -> None:
    small = {"Authorization": http.headers["Authorization"].replace("Bearer", "bearer")}
    assert http.get("/company").status_code == 200 and http.get("/company", headers=small).status_code == 401
    live.switch(any_case_scheme=True)
    assert http.get("/company", headers=small).status_code == 200


def test_only_the_live_service_prints_the_formats_of_its_client(live: Sandbox, http: httpx.Client) -> None:
    body = {"journalNumber": 5588, "book": "A", "printFormat": "PGP"}
    for format in ("PGP", "PASR", "PAD", "PDM", "PPCV", "PVC", "PFP"):
        answer = http.post("/journal/print", params={"lang": "es"}, json=body | {"printFormat": format})
        assert answer.status_code == 200
        assert (format in text_of(base64.b64decode(answer.json()["response"]))) == (format != "PFP")
    with (
        running() as document,
        httpx.Client(base_url=document.address.spx_url, trust_env=False, timeout=60) as documents,
    ):
        caller = Caller(document.address, documents)
        assert caller.send("POST", "/journal/print", body, query={"lang": "es"}).body["code"] == "203"


def test_sovos_keeps_its_paths(live: Sandbox) -> None:
    headers = {"RCApiKey": live.address.sovos_api_key}
    url = f"{live.address.sovos_url}/api/rest/Timbre/saldos"
    answer = httpx.post(url, json={"MesConsulta": "2019-01"}, headers=headers, trust_env=False, timeout=PATIENCE)
    assert answer.status_code == 200


def test_there_is_no_third_dialect() -> None:
    with pytest.raises(ValueError, match="other"), running(dialect="other"):
        pass
