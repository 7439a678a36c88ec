"""`importer get … --raw`: every member of the service's own rows, for every resource and in every format."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from importer.lookups.resources import RESOURCES
from importer.lookups.tables import Resource, flat_rows
from importer.sandbox import Sandbox
from tests.cli.asking import Ask
from tests.cli.commands import importer, settings_for
from tests.lookups.cases import question
from tests.services.odd_service import odd_service, reply

VALUE = ["value"]
"""The one column of rows that are no objects."""


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)
def test_every_resource_shows_its_rows_as_they_came(resource: Resource, ask: Ask) -> None:
    answers = {name: ask(*question(resource.name), "--raw", "--format", name) for name in ("json", "csv", "xlsx")}
    assert {(one.code, one.err) for one in answers.values()} == {(0, "")}
    rows = json.loads(answers["json"].out)
    assert rows and ask(*question(resource.name), "--raw").out == answers["json"].out
    columns = list(
        dict.fromkeys(name for row in flat_rows(rows) for name in (row if isinstance(row, dict) else ["value"]))
    )
    shown = list(csv.reader(io.StringIO(answers["csv"].out.decode(), newline="")))
    assert shown[0] == columns and len(shown) == len(flat_rows(rows)) + 1
    sheet = load_workbook(io.BytesIO(answers["xlsx"].out)).active
    assert [cell.value for cell in sheet[1]] == columns


def test_the_rows_are_those_of_the_service_to_the_member_and_the_digit(ask: Ask, sandbox: Sandbox) -> None:
    at = sandbox.address
    login = {"userid": at.userid, "password": at.password, "email": at.email}
    with httpx.Client(base_url=at.spx_url, trust_env=False) as http:
        key = {"API-Key": f"Bearer {at.api_key}"}
        token = http.post("/login", json=login, headers=key).json()["access_token"]
        told = http.post("/journal/range/5326/5327", headers={"Authorization": f"bearer {token}"})
    shown = ask("get", "journals", "5326", "5327", "--raw").out.decode()
    assert json.loads(shown, parse_float=str) == json.loads(told.text, parse_float=str)["response"]
    assert "871832.37" in shown


def raw(tmp_path: Path, body: object, *words: str) -> Any:
    with odd_service(reply(200, json.dumps(body).encode())) as service:
        return importer(*words, "--raw", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))


def test_an_answer_that_the_program_does_not_understand_is_shown_before_that_is_said(tmp_path: Path) -> None:
    ended = raw(
        tmp_path, {"response": [{"jrnalNo": 1, "lines": [{"journalDetail": {"new": "é"}}]}]}, "get", "journals", "1"
    )
    assert json.loads(ended.out) == [{"jrnalNo": 1, "lines": [{"journalDetail": {"new": "é"}}]}]
    assert ended.code == 3 and len(ended.err.splitlines()) == 1


def test_secrets_are_masked_and_numbers_stay(tmp_path: Path) -> None:
    row = {"code": "1", "echo": "Bearer tok-1 canary-password", "tok-1": [1.10, 12345678901234567890]}
    ended = raw(tmp_path, {"response": [row]}, "get", "accounts")
    assert json.loads(ended.out, parse_float=str) == [
        {"code": "1", "echo": "Bearer *** ***", "***": ["1.1", 12345678901234567890]}
    ]


def test_lines_of_a_row_are_rows_of_a_table() -> None:
    row = {
        "no": 1,
        "of": {"name": "x", "codes": [1, 2]},
        "lines": [{"detail": {"a": 1}}, {"detail": {"a": 2}}],
        "n": [],
    }
    plain = {"no": 1, "of.name": "x", "of.codes": [1, 2], "n": []}
    assert flat_rows([row, 5]) == [plain | {"lines.detail.a": 1}, plain | {"lines.detail.a": 2}, 5]
