"""The sentences of a report, from the catalogues."""

from collections.abc import Mapping

from importer.language import Language, catalogue, say
from importer.model.problems import Problem
from importer.model.results import Status
from importer.templates.journals import JOURNALS

_COLUMN_FACTS = frozenset({"heading", "dimension"})


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


def message(problem: Problem, language: Language) -> str:
    """What is wrong and what to do, in one or two sentences. The text is as raw as the cell it quotes.

    Facts that name a column (`heading`, `dimension`) come as wire names and are shown as the form's labels.
    """
    facts = {"value": problem.value or "", "suggestion": problem.suggestion or "", **problem.facts}
    for name in _COLUMN_FACTS & problem.facts.keys():
        facts[name] = column_label(problem.facts[name], language)
    return said(language, f"problem.{problem.wording or problem.code}", **facts)


def status_words(status: Status, language: Language) -> str:
    """A document's state in a word or two."""
    return said(language, f"status.{status.value}")


def column_label(field: str, language: Language) -> str:
    """The heading of a form's column in a language; the field itself where the form has no such column."""
    try:
        return JOURNALS.label(JOURNALS.column(field), language)
    except KeyError:
        return said(language, f"report.{field}") if field in {"debit", "credit"} else field


def stop_reason(stopped_by: tuple[str, Mapping[str, str]], language: Language) -> str:
    """Why the run ended early: the sentence of an `ImporterError`, by its key."""
    key, facts = stopped_by
    for chapter in ("error", "reason"):
        if f"{chapter}.{key}" in catalogue(Language.EN):
            return said(language, f"{chapter}.{key}", **facts)
    return said(language, key, **facts)
