"""The sentences of a report, from the catalogues."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from string import Formatter

from importer.language import Language, chapter, is_told, say
from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem
from importer.model.results import Document, Status, Stop
from importer.templates.all_forms import FORMS

JOURNAL = "journal"
"""The kind of a document that is a journal; the others are records."""

_COLUMN_FACTS = frozenset({"heading", "dimension", "counterpart"})


def said(language: Language, key: str, /, **facts: str) -> str:
    """The sentence of `key`; where a catalogue has a hole, the English one, else the key with its facts.

    Once anything was sent there must be a report (product.md, "Exit codes"): a missing word never keeps it
    from being written.
    """
    for tongue in (language, Language.EN):
        try:
            return say(tongue, key, **facts)
        except KeyError:
            continue
    name = key.partition(".")[2] or key
    told = ", ".join(f"{fact}: {text}" for fact, text in facts.items() if text)
    return f"{name} ({told})" if told else name


def speaker(language: Language, documents: Iterable[Document]) -> Callable[..., str]:
    """`said` for a report about these documents: where some are no journals its sentences speak of items."""
    if all(document.kind == JOURNAL for document in documents):
        return partial(said, language)
    return partial(_said_of_items, language)


def _said_of_items(language: Language, key: str, /, **facts: str) -> str:
    of_items = key.replace("report.", "report.items.", 1)
    is_there = any(is_told(Language.EN, f"{of_items}{ending}") for ending in ("", ".many"))
    return said(language, of_items if is_there else key, **facts)


def message(problem: Problem, language: Language) -> str:
    """What is wrong and what to do, in one or two sentences. The text is as raw as the cell it quotes.

    Facts that name a column (`heading`, `dimension`, `counterpart`) come as wire names and are shown as the form's
    labels. A sentence may name the document's own key as `key`.
    """
    key, told = _facts_told(problem.wording or problem.code)
    given = problem.facts
    if "key" in told and "key" not in given:
        given = {**given, "key": problem.document or ""}
    try:
        # Most sentences repeat; most values, which few of them tell, do not.
        facts = tuple([(name, given[name]) for name in told])
    except KeyError:
        facts = tuple({"value": problem.value or "", "suggestion": problem.suggestion or "", **given}.items())
    return _sentence(key, facts, language)


@cache
def _facts_told(wording: str) -> tuple[str, tuple[str, ...]]:
    """The key of a problem's sentence, and the facts in it, the same in every language; a fact without a name, which no
    problem has, when there is no such sentence."""
    key, texts = f"problem.{wording}", chapter(Language.EN, "problem")
    forms = [ending for ending in ("", ".one", ".many") if f"{key}{ending}" in texts]
    names = {name for form in forms for _, name, _, _ in Formatter().parse(texts[f"{key}{form}"]) if name}
    if forms[1:]:
        names.add("count")
    return key, tuple(names) if forms else ("",)


@lru_cache(maxsize=10_000)
def _sentence(key: str, facts: tuple[tuple[str, str], ...], language: Language) -> str:
    """A problem's sentence; the page, the terminal and the document all ask for it, and most problems repeat."""
    shown = {name: column_label(text, language) if name in _COLUMN_FACTS else text for name, text in facts}
    return said(language, key, **shown)


def status_words(status: Status, language: Language) -> str:
    """A document's state in a word or two."""
    return said(language, f"status.{status.value}")


def record_words(document: Document, language: Language) -> str:
    """What kind of record a document is about: the dimension by its name, or an address."""
    if document.kind != "dimension":
        return said(language, f"report.records.{document.kind}")
    category = document.key.partition("/")[0]
    name = category
    if category.isdecimal() and 1 <= int(category) <= len(DIMENSION_FIELDS):
        name = column_label(DIMENSION_FIELDS[int(category) - 1], language)
    return said(language, "report.records.dimension", name=name)


@cache
def column_label(field: str, language: Language) -> str:
    """The heading of a form's column in a language; the field itself where no form has such a column."""
    for form in FORMS:
        with suppress(KeyError):
            return form.label(form.column(field), language)
    return field


def as_argument(text: str) -> str:
    """A text as it is typed on a command line."""
    return text if re.fullmatch(r"[\w.:/-]+", text) else f'"{text}"'


def difference_text(line: int | None, field: str, sent: str, found: str, language: Language) -> str:
    """One difference between a journal that was sent and the ledger's: `field` is a wire name, or `added` or `lost` for
    a whole line; `line` is our line's number from 1, None where only the ledger has it."""
    if field in ("added", "lost"):
        return said(language, f"audit.{field}", content=found or sent)
    change = f"{column_label(field, language)} {sent or '–'} → {found or '–'}"
    return change if line is None else said(language, "audit.line", line=str(line), change=change)


def stop_reason(reason: Stop | tuple[str, Mapping[str, str]], language: Language) -> str:
    """Why the run ended early, or a file was not linked: the sentence of an `ImporterError`, by its key with its
    facts."""
    key, facts = reason[0], reason[1]
    for kind in ("error", "reason"):
        if is_told(Language.EN, f"{kind}.{key}"):
            return said(language, f"{kind}.{key}", **facts)
    return said(language, key, **facts)
