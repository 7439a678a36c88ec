"""Sentences come from the catalogues; a hole in one never keeps a report from being written."""

import re
from functools import partial
from importlib.resources import files

import pytest

from importer.model.problems import Problem
from importer.model.results import Status
from importer.report.sentences import column_label, message, said, status_words
from importer.translations import Language
from tests.report.stories import place


def test_a_message_is_the_sentence_of_its_wording_with_its_facts() -> None:
    problem = Problem("unknown-account", place(6, "account"), wording="unknown-account.plain", facts={"account": "1"})
    assert [message(problem, language) for language in Language] == [
        "The company has no account 1.",
        "La empresa no tiene la cuenta 1.",
        "La société n'a pas de compte 1.",
    ]


def test_value_and_suggestion_are_facts_of_every_message() -> None:
    problem = Problem("bad-period", place(6, "period"), None, "2018-06", "2018006", "bad-period.month")
    assert "2018006" in message(problem, Language.ES)


def test_a_fact_is_told_as_it_is_even_with_braces_in_it() -> None:
    problem = Problem("refused-line", place(6), facts={"answer": "{account} {0}"})
    assert message(problem, Language.EN) == "The service refuses this line: {account} {0}"


@pytest.mark.parametrize("language", Language)
def test_a_message_that_lacks_a_fact_is_told_by_its_code(language: Language) -> None:
    problem = Problem("refused-line", place(6), value="642198")
    assert message(problem, language) == "refused-line (value: 642198)"


@pytest.mark.parametrize("language", Language)
def test_the_ledger_s_faults_say_what_to_type_next(language: Language) -> None:
    changed = {"number": "9", "heading": "account", "sent": "1", "found": "2"}
    twice = {"number": "9", "numbers": "12", "reverse": "12"}
    cut = {"count": "3", "heading": "treference", "length": "15"}
    of = partial(Problem, place=place(6), document="DIA-007")
    assert "importer resume --is DIA-007=9" in message(
        of("changed-since", wording="changed-since.field", facts=changed), language
    )
    assert "importer reverse 12" in message(of("posted-twice", facts=twice), language)
    assert "importer audit" in message(of("gone", facts={"number": "9"}), language)
    assert "15" in message(of("texts-cut", facts=cut), language)


def test_a_key_that_no_catalogue_has_is_told_by_its_name() -> None:
    assert said(Language.FR, "report.nothing-of-the-kind") == "nothing-of-the-kind"


def test_states_are_told_in_words() -> None:
    assert status_words(Status.NOT_SENT, Language.EN) == "not sent"
    assert len({status_words(status, Language.FR) for status in Status}) == len(Status)


@pytest.mark.parametrize(
    ("field", "label"),
    [("account", "Cuenta"), ("description7", "Descripción 7"), ("debit", "Cargo"), ("<b>", "<b>"), ("", "")],
)
def test_a_column_is_named_by_its_heading_or_by_itself(field: str, label: str) -> None:
    assert column_label(field, Language.ES) == label


def test_the_page_s_templates_have_no_words_of_their_own() -> None:
    code = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
    pages = [page for page in files("importer.report").joinpath("pages").iterdir() if page.name.endswith(".html")]
    words = {word for page in pages for word in re.findall(r"[^\W\d_]{2,}", code.sub(" ", page.read_text("utf-8")))}
    assert pages and words <= {"importer", "SHA", "UTC"}
