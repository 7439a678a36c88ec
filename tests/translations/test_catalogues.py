"""The catalogues hold the same texts in every language, with a wording for all that the program can say."""

import errno
import re
import tomllib
from collections import Counter, defaultdict
from importlib.resources import files
from string import Formatter

import pytest

from importer.errors import ImporterError
from importer.model.problems import ERROR_WORDINGS, ORIGIN_OF, Place, Problem
from importer.model.results import Status
from importer.report.sentences import message
from importer.run.posting_results import EXPLAINED
from importer.templates.forms import FORMS, Form, Kind, fold_heading
from importer.translations import Language, catalogue, chapter, say, sentence_of
from tests.translations.english import english_in

TRANSLATIONS = [language for language in Language if language is not Language.EN]
ENGLISH = catalogue(Language.EN)

UNTRANSLATED = re.compile(
    r"""--[a-z][a-z-]*                    # flags
      | importer\ [a-z]+(?:\ journals)?   # commands
      | importer\.toml
      | [A-Z]+(?:_[A-Z]+)+                # environment variables
      | \.[a-z]{3,4}\b                    # file endings
      | [a-z]+:///?                       # schemes of addresses
      | \d+(?:[.-]\d+)*                   # examples such as 1234.50 and 2018-06-30, limits
    """,
    re.VERBOSE,
)


def pages_of(language: Language) -> dict[str, dict[str, object]]:
    """The parsed catalogue files of a language by name."""
    folder = files("importer.locale").joinpath(language)
    pages = (page for page in folder.iterdir() if page.name.endswith(".toml"))
    return {page.name: tomllib.loads(page.read_text(encoding="utf-8")) for page in pages}


def keys_of(tree: dict[str, object], prefix: str = "") -> list[str]:
    """The dotted keys of a parsed catalogue file, in the file's order."""
    keys: list[str] = []
    for name, value in tree.items():
        keys += keys_of(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
    return keys


def placeholders_of(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def without_punctuation(heading: str) -> str:
    """A heading folded as the reader does it, and stricter: letters and digits alone."""
    return "".join(mark for mark in fold_heading(heading) if mark.isalnum())


PAGES = {language: pages_of(language) for language in Language}
PAGE_NAMES = sorted({name for pages in PAGES.values() for name in pages})


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("page", PAGE_NAMES)
def test_a_translated_page_has_the_english_keys_in_the_english_order(page: str, language: Language) -> None:
    assert keys_of(PAGES[language].get(page, {})) == keys_of(PAGES[Language.EN].get(page, {}))


@pytest.mark.parametrize("language", Language)
def test_no_key_stands_in_two_pages(language: Language) -> None:
    seen = Counter(key for tree in PAGES[language].values() for key in keys_of(tree))
    assert [key for key, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("language", Language)
def test_the_chapters_cut_out_of_the_pages_are_the_whole_catalogue(language: Language) -> None:
    names = {key.partition(".")[0] for key in catalogue(language)}
    chapters = [chapter(language, name) for name in names]
    assert {key: text for texts in chapters for key, text in texts.items()} == catalogue(language)


@pytest.mark.parametrize("language", Language)
def test_every_entry_is_a_text_that_says_something(language: Language) -> None:
    assert [key for key, text in catalogue(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", Language)
def test_a_language_has_one_kind_of_quotation_marks(language: Language) -> None:
    other = "“”" if language is Language.FR else "«»"
    assert [key for key, text in catalogue(language).items() if set(other) & set(str(text))] == []


def test_french_marks_never_begin_a_line() -> None:
    """A blank that may break stands neither before them nor inside quotation marks; headings are typed by people."""
    texts = {key: text for key, text in catalogue(Language.FR).items() if not key.endswith(".label")}
    assert [key for key, text in texts.items() if re.search(r" [;:?!»](?!\S)|« ", text)] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_placeholders_of_the_english_text(language: Language) -> None:
    translated = catalogue(language)
    differing = {
        key: (placeholders_of(text), placeholders_of(translated[key]))
        for key, text in ENGLISH.items()
        if key in translated and placeholders_of(translated[key]) != placeholders_of(text)
    }
    differing.pop("click.number", None)  # click names the type in English
    assert differing == {}


@pytest.mark.parametrize("language", Language)
def test_every_text_shows_all_of_its_facts(language: Language) -> None:
    for key, text in catalogue(language).items():
        facts = {name: f"<{name}>" for name in placeholders_of(text)}
        shown = say(language, key, **facts)
        assert all(fact in shown for fact in facts.values()), key
        assert not set(shown) & set("{}"), key


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_commands_settings_file_endings_and_numbers_stay_untranslated(language: Language) -> None:
    translated = catalogue(language)
    differing = {
        key: (sorted(UNTRANSLATED.findall(text)), sorted(UNTRANSLATED.findall(translated[key])))
        for key, text in ENGLISH.items()
        if key in translated and Counter(UNTRANSLATED.findall(text)) != Counter(UNTRANSLATED.findall(translated[key]))
    }
    assert differing == {}


SAME_AS_ENGLISH = {
    Language.ES: """report.error argument.fax-number form.addresses.faxNumber.label lookups.heading.fax_number
        lookups.heading.id lookups.word.no metavar.dd argument.rfc lookups.heading.tax_id lookups.heading.side
        lookups.heading.rvoe lookups.heading.population_id form.journals.tfww.label report.script.error click.error
        report.terminal.errors.one said.words-of-no""",
    Language.FR: """runs.documents runs.document runs.service report.service report.corrections map-said.certain
        template.list_code
        template.list_information form.dimensions.title form.dimensions.action.label form.addresses.action.label
        files.code files.suggestion files.type report.journal-type
        heading.several.type heading.several.date argument.dimension
        argument.dimension-code argument.logo argument.rfc lookups.title.dimensions lookups.title.notifications
        lookups.heading.id lookups.heading.tax_id lookups.heading.code lookups.heading.dimension
        lookups.heading.side lookups.heading.transaction lookups.heading.rvoe lookups.heading.population_id
        lookups.heading.budget form.journals.tfww.label form.journals.restriction.label template.instructions
        kind.code kind.date report.script.pages report.script.suggestion report.records.action
        report.records.dimension report.journal-type metavar.code
        metavar.options metavar.dimension files.type""",
}
"""Keys of words that both languages write alike."""
ALIKE_IN_ALL = re.compile(r"(?:[\W\d_]|\{\w+\}|importer [a-z]+|--[a-z]+)*$")
"""Texts of names in braces, commands and marks alone."""


def sentence_of_key(language: Language, key: str) -> str:
    """What a person reads where the program says this text: of a problem or an error the whole sentence."""
    section, _, name = key.partition(".")
    facts = dict.fromkeys(placeholders_of(catalogue(language)[key]), "7")
    if section == "problem":
        return message(
            Problem("refused-line", Place("7"), None, "7", "7", re.sub(r"\.(?:one|many)$", "", name), facts), language
        )
    return sentence_of(ImporterError(name, **facts), language) if section == "error" else say(language, key, **facts)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_nothing_that_the_program_says_is_english(language: Language) -> None:
    said = {key: sentence_of_key(language, key) for key in catalogue(language)}
    assert {key: words for key, text in said.items() if (words := english_in(text))} == {}
    assert [key for key, text in said.items() if "refused-line" in text] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize(
    ("detail", "kept"),
    [
        (f"[Errno {errno.ENOENT}] No such file or directory: '/x'", ": '/x'. "),
        ("Hostname mismatch, certificate is not valid for 'sun.example'.", " 'sun.example'. "),
        ("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4154)", ". "),
        ("file is not a database", ". "),
        ("Expected '=' after a key in a key/value pair (at line 3, column 7)", " 3, "),
        ("Unterminated string (at end of document)", ". "),
        ("'utf-8' codec can't decode byte 0xe9 in position 7: invalid continuation byte", " UTF-8. "),
        ("Expected `int`, got `str` - at `$.approval[0].need`", " approval[0].need "),
        ("Object contains unknown field `needs`", " needs "),
        ("Object contains unknown field `needs` - at `$.approval[0]`", " needs "),
        ("what no catalogue knows", " what no catalogue knows. "),
    ],
)
def test_what_a_system_says_is_put_into_words(language: Language, detail: str, kept: str) -> None:
    said = sentence_of(ImporterError("report", folder="reports", detail=detail), language)
    assert kept in said
    assert (detail in said) == (detail in kept)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_text_is_left_in_english_unless_both_languages_write_it_alike(language: Language) -> None:
    translated = catalogue(language)
    same = {key for key, text in ENGLISH.items() if translated[key] == text and not ALIKE_IN_ALL.match(text)}
    assert same == set(SAME_AS_ENGLISH[language].split())


@pytest.mark.parametrize("language", Language)
def test_a_text_for_one_has_a_text_for_many(language: Language) -> None:
    stems = {
        ending: {key.removesuffix(ending) for key in catalogue(language) if key.endswith(ending)}
        for ending in (".one", ".many")
    }
    assert stems[".one"] == stems[".many"]


def test_every_form_of_the_catalogues_is_looked_at_here() -> None:
    assert {key.split(".")[1] for key in ENGLISH if key.startswith("form.")} == {form.name for form in FORMS}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_heading_names_two_columns(form: Form) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for column in form.every_column:
        for heading in (column.name, *(form.label(column, language) for language in Language)):
            owners[without_punctuation(heading)].add(column.name)
    assert {heading: columns for heading, columns in owners.items() if len(columns) > 1} == {}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_column_has_a_label_and_a_help_and_no_text_is_left_over(form: Form, language: Language) -> None:
    described = {f"form.{form.name}.title"}
    for column in form.every_column:
        assert form.label(column, language).strip()
        assert form.help(column, language).strip()
        described |= {f"form.{form.name}.{column.wording}.{what}" for what in ("label", "help")}
    assert described == {key for key in catalogue(language) if key.startswith(f"form.{form.name}.")}


@pytest.mark.parametrize("language", Language)
def test_names_of_sheets_and_titles_of_messages_fit_excel(language: Language) -> None:
    for name in (say(language, "template.instructions"), *(form.title(language) for form in FORMS)):
        assert len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")
    assert len(say(language, "template.choice_title")) <= 32


@pytest.mark.parametrize("language", Language)
def test_every_problem_code_has_a_wording_and_no_wording_lacks_a_code(language: Language) -> None:
    worded = {key.split(".")[1] for key in catalogue(language) if key.startswith("problem.")}
    assert worded == set(ORIGIN_OF) | ERROR_WORDINGS | {EXPLAINED}


def test_no_reason_is_hidden_by_an_error_of_its_name() -> None:
    """A sentence is looked for among the errors first: a reason of the same name was filled with facts it has not."""
    keys = [key.split(".")[:2] for key in catalogue(Language.EN) if key.startswith(("error.", "reason."))]
    names = {section: {key[1] for key in keys if key[0] == section} for section in ("error", "reason")}
    assert names["error"] & names["reason"] == set()


@pytest.mark.parametrize("language", Language)
def test_every_status_and_kind_of_cell_has_a_name(language: Language) -> None:
    wanted = {f"status.{status}" for status in Status} | {f"kind.{kind}" for kind in Kind}
    assert wanted <= set(catalogue(language))
