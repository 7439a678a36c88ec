"""A service's complaint is marked in its column and explained in the reader's language; what is not known stays as it
is."""

from dataclasses import replace
from pathlib import Path

import pytest

from importer.model.journals import DIMENSION_FIELDS, Side
from importer.model.problems import Place, Problem
from importer.report.sentences import message
from importer.run.posting_results import understood
from importer.translations import Language
from tests.cli.commands import ROOT, importer
from tests.post.journals import line

LINE = replace(line(7, Side.DEBIT, "5"), dimensions=("", "1001", "90", "", "", "", "", "", "camp 2018", ""))

KNOWN = [
    ("Analysis code for Who (07) must be entered", "missing-dimension", "who", ""),
    ("Analysis code for Who (07) must be entered for journal type PC", "missing-dimension", "who", ""),
    ("Analysis code for TFWW (02) must be entered for account 101110", "missing-dimension", "tfww", "1001"),
    ("analysis code for Resource must be entered.", "missing-dimension", "source", ""),
    ("Analysis code for Quién (07) must be entered", "missing-dimension", "who", ""),
    ("Analysis code for TFWW (02) is prohibited for account 101110", "prohibited-dimension", "tfww", "1001"),
    ("Unknown analysis code camp 2018 for Project (09)", "unknown-dimension", "project", "camp 2018"),
    ("Posting is prohibited with analysis code 90 of Fund (03)", "closed-dimension", "fund", "90"),
    ("Account record not found", "no-account", "account", "101110"),
    ("Unknown account code 101110", "unknown-account", "account", "101110"),
    ("Account 101110 is suspended", "suspended-account", "account", "101110"),
    ("Account 101110 is closed", "closed-account", "account", "101110"),
    ("Unknown journal type JV", "unknown-journal-type", "journalType", "JV"),
    ("Unknown currency code MXN1", "unknown-currency", "currency", "MXN1"),
    ("Period 2018006 is not open for posting (2018007 to 2020012)", "closed-period", "period", "2018006"),
]


@pytest.mark.parametrize(("words", "name", "field", "value"), KNOWN)
def test_known_words_name_their_column(words: str, name: str, field: str, value: str) -> None:
    complaint = understood(words, LINE)
    assert complaint is not None
    assert (complaint.name, complaint.field, complaint.value) == (name, field, value)
    for language in Language:
        told = Problem("refused-line", Place(""), wording=f"refused-line-explained.{name}", facts={"answer": words})
        told = replace(told, facts={**complaint.facts, **told.facts})
        sentence = message(told, language)
        assert words in sentence and "{" not in sentence and not sentence.startswith("refused-line")


@pytest.mark.parametrize(
    "words",
    [
        "Unknown account code 642198",  # the contract's own example speaks of an account that the request does not have
        "Unknown analysis code 91 for Fund (03)",
        "Analysis code for Who (03) must be entered",
        "Analysis code for Who (11) must be entered",
        "Analysis code for Quién must be entered",
        "Period 2018005 is not open for posting",
        "Something else: Account 101110 is closed",
        "",
    ],
)
def test_other_words_are_not_guessed(words: str) -> None:
    assert understood(words, LINE) is None


def test_each_dimension_is_found_by_its_number() -> None:
    for number, field in enumerate(DIMENSION_FIELDS, start=1):
        complaint = understood(f"Analysis code for X ({number:02d}) must be entered", LINE)
        assert complaint is not None and complaint.field == field


def test_a_refusal_is_marked_in_its_column_in_spanish(tmp_path: Path) -> None:
    ended = importer(
        "run", ROOT / "samples" / "journals-june-mistakes.xlsx", "--sandbox", "--json", "--lang", "es", folder=tmp_path
    )
    (refused,) = [one for one in ended.result["problems"] if one["code"] == "refused-line"]
    assert (refused["field"], refused["cell"]) == ("who", f"L{refused['row']}")
    assert refused["answer"] == "Analysis code for Who (07) must be entered for journal type PC"
    assert refused["message"].startswith("SunPlus exige un código de")
