"""Dimensions and addresses in the report: what was done to each, and what an update changes from what to what."""

import json
from dataclasses import replace

import pytest

from importer.model.results import FieldChange, Mode, Result, Status
from importer.report.figures import amounts_by_period
from importer.report.page import page_parts
from importer.report.report_folder import journals_table
from importer.report.result_document import result_document
from importer.report.sentences import column_label, record_words
from importer.report.summary import advice, headline
from importer.report.tables import to_csv
from importer.report.terminal_result import status_table
from importer.translations import Language
from tests.report.reading import Reading
from tests.report.records import record, run_of_all_forms
from tests.report.stories import journals, result

NOUNS = {Language.EN: ("item", "journal"), Language.ES: ("operaci", "póliza"), Language.FR: ("opération", "écriture")}


def page(shown: Result, language: Language = Language.EN) -> Reading:
    return Reading("".join(page_parts(shown, language)))


@pytest.mark.parametrize("language", Language)
def test_the_page_shows_each_record_its_action_and_the_differences(language: Language) -> None:
    text = page(run_of_all_forms(), language).text
    for key in ("07/DP0121", "09/CAMPO2018", "PR/0001", "1002003004"):
        assert key in text
    label = column_label("telephoneNumber", language)
    assert f"{label} +52 (999) 555-0177 → +52 (999) 555-0188" in text


def test_json_tells_the_action_and_the_changes() -> None:
    told = json.loads(json.dumps(result_document(run_of_all_forms(), Language.EN)))
    changed = next(document for document in told["documents"] if document["key"] == "09/CAMPO2018")
    assert (changed["kind"], changed["action"]) == ("dimension", "update")
    assert changed["changes"][1] == {"field": "prohibitPosting", "before": "1", "after": "0"}
    journal = next(document for document in told["documents"] if document["kind"] == "journal")
    assert (journal["action"], journal["changes"]) == (None, [])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", Status)
def test_sentences_speak_of_journals_only_where_there_are_only_journals(status: Status, language: Language) -> None:
    item, journal = NOUNS[language]
    for mode in Mode:
        only_journals = result(journals([status] * 3), mode=mode)
        mixed = result([*journals([status] * 2), record("address", "A1", 9, status, "create")], mode=mode)
        for shown, said, unsaid in ((only_journals, journal, item), (mixed, item, journal)):
            texts = [headline(shown, language).text, *(one.text for one in advice(shown, language))]
            told = " ".join(texts).lower()
            assert unsaid not in told
            assert said in told or (mode is Mode.RUN and status is Status.READY)


def test_records_have_one_word_for_their_state() -> None:
    records = [
        record("address", "A1", 2, Status.POSTED, "create"),
        record("address", "A2", 3, Status.ALREADY_POSTED, None),
    ]
    text = page(result(records), Language.ES).text
    assert "ya aplicada" in text and "contabilizada" not in text
    assert status_table(result(records), Language.ES)[0][0] == "aplicada"
    assert '"aplicada"' in to_csv(journals_table(result(records), Language.ES))
    assert "contabilizada" in page(run_of_all_forms(), Language.ES).text


def test_records_have_no_amounts() -> None:
    shown = run_of_all_forms()
    assert sum(part.documents for part in amounts_by_period(shown.documents)) == 4
    records = tuple(document for document in shown.documents if document.kind != "journal")
    assert amounts_by_period(records) == []


@pytest.mark.parametrize("language", Language)
def test_a_page_of_records_alone_has_no_table_of_amounts_or_journals(language: Language) -> None:
    shown = run_of_all_forms()
    alone = replace(shown, documents=tuple(one for one in shown.documents if one.kind != "journal"), problems=())
    text = "".join(page_parts(alone, language))
    assert 'id="records"' in text and 'id="amounts"' not in text and 'id="documents"' not in text


def test_what_a_cell_holds_is_shown_as_text() -> None:
    change = FieldChange("name", "<b>old</b>", "\u202enew")
    shown = result([record("dimension", "07/<i>", 2, Status.POSTED, "update", change)])
    text = "".join(page_parts(shown, Language.EN))
    assert "<b>old" not in text and "<i>" not in text and "\u202e" not in text


@pytest.mark.parametrize(
    ("key", "words"),
    [("07/X", "Dimension Who"), ("77/X", "Dimension 77"), ("–/X", "Dimension –"), ("²/X", "Dimension ²")],
)
def test_a_dimension_is_shown_by_its_name(key: str, words: str) -> None:
    assert record_words(record("dimension", key, 2, Status.INVALID, None), Language.EN) == words
