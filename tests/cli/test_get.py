"""`importer get`: every resource in every format, from a sandbox over a socket."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.lookups.resources import RESOURCES
from importer.lookups.tables import Resource
from importer.sandbox import Sandbox
from importer.translations import Language, say
from tests.cli.asking import Ask, asking
from tests.cli.commands import forked_with, importer
from tests.lookups.cases import question
from tests.services.odd_service import odd_service, reply

each_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@each_resource
def test_a_resource_answers_in_every_format(resource: Resource, ask: Ask, sandbox: Sandbox) -> None:
    before = sandbox.calls[resource.operation]
    answers = {name: ask(*question(resource.name), "--format", name) for name in ("csv", "json", "xlsx", "table")}
    assert {(one.code, one.err) for one in answers.values()} == {(0, "")}
    records = json.loads(answers["json"].out)
    assert records and all(list(record) == list(records[0]) for record in records)
    if resource.columns:
        assert list(records[0]) == [column.name for column in resource.columns]
    rows = read_csv(answers["csv"].out)
    assert len(rows) == len(records) + 1 and {len(row) for row in rows} == {len(records[0])}
    sheet = load_workbook(io.BytesIO(answers["xlsx"].out)).active
    assert (sheet.max_row, sheet.max_column) == (len(records) + 1, len(records[0]))
    assert sheet.title == say(Language.EN, f"lookups.title.{resource.key}")
    assert len(answers["table"].out.decode().splitlines()) >= len(records)
    assert sandbox.calls[resource.operation] == before + 4


@each_resource
def test_help_of_a_resource_tells_its_filters(resource: Resource, ask: Ask) -> None:
    shown = ask("get", *resource.name.split(), "--help")
    assert shown.code == 0
    for one in resource.filters:
        assert (one.flag.upper() if one.is_place else one.option) in shown.out.decode()


def test_headings_are_in_the_chosen_language_and_members_are_not(ask: Ask) -> None:
    english, spanish = (ask("get", "company", "--format", "csv", "--lang", name).out.decode() for name in ("en", "es"))
    assert "Legal name" in english and "Razón social" in spanish
    members = {
        tuple(json.loads(ask("get", "company", "--format", "json", "--lang", name).out)[0]) for name in "en fr".split()
    }
    assert members == {("id", "name", "tax_id", "business_name", "address")}


def test_amounts_are_exact_and_days_are_those_of_the_setting(ask: Ask, tmp_path: Path) -> None:
    lines = json.loads(ask("get", "journals", "5327", "--format", "json").out)
    assert [(line["side"], line["amount"]) for line in lines] == [("D", "18630.10"), ("C", "18630.10")]
    assert [line["transaction_date"] for line in lines] == ["2018-12-14"] * 2
    (tmp_path / "importer.toml").write_text('timezone = "Asia/Tokyo"\n')
    elsewhere = json.loads(ask("get", "journals", "5327", "--format", "json").out)
    assert [line["transaction_date"] for line in elsewhere] == ["2018-12-14T15:00:00+09:00"] * 2


def test_codes_stay_texts_in_a_workbook_and_amounts_are_numbers(ask: Ask, tmp_path: Path) -> None:
    assert ask("get", "journals", "5327", "-o", "lines.xlsx").code == 0
    rows = list(load_workbook(tmp_path / "lines.xlsx").active.iter_rows(values_only=True))
    record = dict(zip(rows[0], rows[1], strict=True))
    assert record["Account"] == "111110" and record["Amount"] == 18630.1 and record["Period"] == "2018012"


def test_a_dimension_is_named_by_number_or_name_and_none_means_all(ask: Ask) -> None:
    answers = [ask("get", "dimensions", "--dimension", text, "--format", "json").out for text in ("7", "07", "Who")]
    assert len(set(answers)) == 1
    everything = json.loads(ask("get", "dimensions", "--format", "json").out)
    assert {"03", "07"} <= {row["dimension"] for row in everything}
    assert [row for row in everything if row["dimension"] == "07"] == json.loads(answers[0])


@pytest.mark.parametrize("resource", [one for one in RESOURCES.values() if one.also], ids=lambda one: one.name)
def test_other_names_lead_to_the_same(resource: Resource, ask: Ask) -> None:
    helps = {ask("get", name, "--help").out.partition(b"\n")[2] for name in (resource.name, *resource.also)}
    assert len(helps) == 1


def test_the_structure_is_a_tree_for_people_and_rows_for_programs(ask: Ask) -> None:
    tree = ask("get", "genealogy", "--format", "table").out.decode().splitlines()
    rows = json.loads(ask("get", "genealogy", "--format", "json").out)
    assert len(tree) == len(rows) and sum(line.startswith(("├", "└", " ", "│")) for line in tree) == sum(
        row["depth"] > 0 for row in rows
    )
    by_id = {row["id"]: row for row in rows}
    assert all(by_id[row["parent_id"]]["depth"] == row["depth"] - 1 for row in rows if row["depth"])


@pytest.mark.parametrize(("name", "empty"), [("json", b"[]\n"), ("csv", None), ("table", b"")])
def test_an_empty_answer_is_said_and_is_no_failure(name: str, empty: bytes | None, ask: Ask) -> None:
    found = ask("get", "students", "--search", "nobody at all", "--format", name)
    assert (found.code, found.err) == (0, say(Language.EN, "lookups.nothing") + "\n")
    assert found.out == empty if empty is not None else found.out.count(b"\r\n") == 1


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx", "a.txt", "A.CSV"])
def test_a_file_has_the_format_of_its_ending(name: str, ask: Ask, tmp_path: Path) -> None:
    ended = ask("get", "company", "-o", name)
    assert (ended.code, ended.out) == (0, b"") and name in ended.err
    content = (tmp_path / name).read_bytes()
    beginnings = {"csv": b'"Id"', "json": b"[\n", "xlsx": b"PK", "txt": b"Id "}
    assert content.startswith(beginnings[name.lower().partition(".")[2]])
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_format_that_is_given_goes_before_the_ending(ask: Ask, tmp_path: Path) -> None:
    ask("get", "company", "-o", "a.csv", "--format", "json")
    assert json.loads((tmp_path / "a.csv").read_text(encoding="utf-8"))


def test_a_file_that_exists_is_replaced_only_when_asked(ask: Ask, tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "a.csv").write_text("mine")
    calls = sum(sandbox.calls.values())
    ended = ask("get", "company", "-o", "a.csv")
    assert ended.code == 3 and "--force" in ended.err and (tmp_path / "a.csv").read_text() == "mine"
    assert sum(sandbox.calls.values()) == calls
    assert ask("get", "company", "-o", "a.csv", "--force").code == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith('"Id"')


def test_a_failed_question_leaves_no_file(ask: Ask, tmp_path: Path) -> None:
    assert ask("get", "balance", "--account", "NONE", "--period", "2018006", "-o", "a.csv").code == 3
    assert ask("get", "company", "-o", "no/such/a.csv").code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        (3, ("balance", "--account", "NONE", "--period", "2018006"), "203"),
        (3, ("employee", "--payroll", "27", "--code", "NOBODY"), ""),
        (2, ("balance", "--account", "1", "--period", "2018013"), "twelve months"),
        (2, ("journals", "7", "5"), "journal number"),
        (2, ("notifications", "--period", "2022007", "--pending", "--cancelled"), "exclude each other"),
        (2, ("students", "--search", " "), "search text"),
    ],
)
def test_what_cannot_be_told_is_one_sentence_and_whose_fault_it_is_an_exit_code(
    code: int, arguments: tuple[str, ...], words: str, ask: Ask
) -> None:
    ended = ask("get", *arguments)
    assert (ended.code, ended.out) == (code, b"") and words in ended.err and ended.err.count("\n") == 1


def test_without_settings_the_sandbox_is_named(tmp_path: Path) -> None:
    ended = importer("get", "company", folder=tmp_path)
    assert (ended.code, ended.out) == (3, "") and "--sandbox" in ended.err


def test_the_practice_company_answers_without_settings(tmp_path: Path) -> None:
    ended = importer("get", "company", "--sandbox", folder=tmp_path)
    assert (ended.code, ended.err) == (0, "") and ended.out.startswith('"Id","Name"')
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_a_reader_that_hangs_up_is_no_failure(tmp_path: Path) -> None:
    for name in ("csv", "table"):
        reads, writes = os.pipe()
        with subprocess.Popen(["head", "-c", "10"], stdin=reads, stdout=subprocess.PIPE) as reader:
            os.close(reads)
            ended = forked_with(["get", "accounts", "--sandbox", "--format", name], tmp_path, {}, writes)
            os.close(writes)
            assert len(reader.communicate()[0]) == 10 and ended.err == ""


def test_an_answer_that_is_no_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with odd_service(*[reply(500, b"<html>canary</html>")] * 3) as service:
        settings = {"SPX_URL": service.url, "SPX_USERID": "u", "SPX_PASSWORD": "pässword", "SPX_EMAIL": "u@example.org"}
        ended = asking(settings, tmp_path, monkeypatch, capsysbinary)("get", "company")
    assert ended.code == 3 and "500" in ended.err and "html" not in ended.err
