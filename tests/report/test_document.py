"""The result document is what `result.schema.json` says, for every result and in every language."""

import json
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from importer.model.problems import Problem
from importer.model.results import Result, Stop
from importer.report.result_document import result_document, to_json
from importer.report.sentences import stop_reason
from importer.settings import read_settings
from importer.translations import Language
from tests.cli.commands import importer
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.big import big_check
from tests.report.records import run_of_all_forms
from tests.report.stories import good_run, journals, place, result, troubled_run

SCHEMA = json.loads((Path(__file__).parent / "result.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
RESULTS = {
    "good": good_run(),
    "troubled": troubled_run(),
    "check": big_check(),
    "empty": result(),
    "records": run_of_all_forms(),
    "stopped": result(stopped_by=Stop("company-held", {"run": "r", "holder": "Ana", "host": "h"}, try_again=True)),
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("ended", RESULTS.values(), ids=RESULTS)
def test_the_document_keeps_to_its_schema(ended: Result, language: Language) -> None:
    document = json.loads(to_json(result_document(ended, language)))
    assert [fault.message for fault in VALIDATOR.iter_errors(document)] == []


def test_members_stand_in_the_documented_order() -> None:
    document = json.loads(to_json(result_document(troubled_run(), Language.EN)))
    assert list(document) == SCHEMA["required"]
    for name in ("totals", "row_totals"):
        assert list(document[name]) == SCHEMA["properties"][name]["required"]
    for name in ("documents", "problems", "files"):
        for entry in document[name]:
            assert list(entry) == SCHEMA["properties"][name]["items"]["required"]


def test_a_stop_is_told_by_code_sentence_and_whether_to_try_again() -> None:
    document = result_document(RESULTS["stopped"], Language.FR)
    assert document["stopped_by"] == {
        "code": "company-held",
        "message": stop_reason(Stop("company-held", {"run": "r", "holder": "Ana", "host": "h"}), Language.FR),
        "try_again": True,
    }
    assert result_document(good_run(), Language.FR)["stopped_by"] is None


def test_a_problem_tells_its_place_and_its_message() -> None:
    document = json.loads(to_json(result_document(troubled_run(), Language.ES)))
    problem = next(entry for entry in document["problems"] if entry["code"] == "unknown-account")
    assert problem == {
        "code": "unknown-account",
        "severity": "error",
        "origin": "company",
        "file": "contabilidad/polizas-junio-2018.xlsx",
        "sheet": "Journals",
        "row": 21,
        "column": "C",
        "cell": "C21",
        "field": "account",
        "document": "DIA-007",
        "value": "642198",
        "message": "La empresa no tiene la cuenta 642198. ¿Quiso decir 642199?",
        "suggestion": "642199",
        "answer": None,
    }


def test_amounts_are_texts_with_two_decimals_and_times_are_utc() -> None:
    documents = [replace(journals([troubled_run().documents[0].status])[0], debit=Decimal("5"), credit=Decimal("1E+3"))]
    told = json.loads(to_json(result_document(result(documents), Language.EN)))
    assert (told["documents"][0]["debit"], told["documents"][0]["credit"]) == ("5.00", "1000.00")
    assert (told["started_at"], told["finished_at"]) == ("2026-07-01T20:03:11Z", "2026-07-01T20:04:45Z")


def test_a_time_without_a_zone_is_taken_as_utc() -> None:
    naive = datetime(2026, 7, 1, 20, 3, 11)  # the case under test
    assert result_document(result(started_at=naive), Language.EN)["started_at"] == "2026-07-01T20:03:11Z"


def test_the_text_is_one_readable_line() -> None:
    text = to_json(result_document(troubled_run(), Language.ES))
    assert "Unión Mexicana del Norte" in text
    assert text.endswith("}\n")
    assert text.count("\n") == 1


def test_invisible_characters_travel_as_escapes_and_come_back_unchanged() -> None:
    value = 'a\x1b]52;c;\x07\x9b31m\u202e\u2066\u200b\ufeff\u2028"\\ ü'
    text = to_json(
        result_document(result((), [Problem("too-long", place(5, "description"), value=value)]), Language.EN)
    )
    assert all(mark.isprintable() or mark == "\n" for mark in text)
    assert json.loads(text)["problems"][0]["value"] == value


@pytest.mark.parametrize("name", ["ventas\udce9.xlsx", "\\\udce9", "\ud83d"])
def test_a_lone_surrogate_is_shown_so_that_the_text_stays_utf8(name: str) -> None:
    problem = Problem("unreadable-file", place(file=name, sheet=None), wording="unreadable-file.missing")
    text = to_json(result_document(result((), [problem]), Language.EN))
    path = json.loads(text.encode("utf-8"))["problems"][0]["file"]
    assert path == name.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("command", ["run", "check"])
def test_the_evidence_tells_every_request_and_the_settings_without_secrets(command: str, tmp_path: Path) -> None:
    rows = [[*line(key, side, 5), "1001"] for key in "AB" for side in "DC"]
    path = write(tmp_path / "june.xlsx", rows, headings=(*HEADINGS, "tfww"))
    ended = importer(command, path, "--sandbox", "--json", "--lang", "en", folder=tmp_path)
    evidence = ended.result["evidence"]
    operations = [one["operation"] for one in evidence["requests"]]
    assert operations[0] == "login" and {"get_company", "list_accounts"} <= set(operations)
    assert operations.count("post_journal") == (2 if command == "run" else 0)
    assert {one["outcome"] for one in evidence["requests"]} == {"200"}
    assert evidence["lists_at"] >= ended.result["started_at"]
    assert evidence["settings"]["lang"] == "en" and evidence["settings"]["timeout"] == "120"
    assert {"password", "api_key", "sovos_api_key", "proxy"}.isdisjoint(evidence["settings"])


def test_settings_are_shown_without_what_could_be_a_secret(tmp_path: Path) -> None:
    secrets = {"password": "p4ssw0rd", "api_key": "k3y", "proxy": "http://u:pr0xy@host:1", "sovos_api_key": "s0v0s"}
    addresses = {"url": "https://u:pw0rd@spx.example?key=t0ken", "store": "postgresql://u:st0re@host/db"}
    shown = read_settings({**secrets, **addresses, "lang": "es"}, {}, lambda _: None).shown()
    assert shown["lang"] == "es" and shown["store"] == "postgresql://u@host/db"
    assert not re.search("p4ss|k3y|pr0xy|s0v0s|pw0rd|t0ken|st0re", " ".join(shown.values()))
