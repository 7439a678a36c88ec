"""An exception as the sentence a person reads."""

from importer.errors import ImporterError
from importer.language import Language, catalogue, say


def sentence_of(error: ImporterError, language: Language) -> str:
    """What happened, where, and what to do, in one sentence of the catalogue (`error.` or, for one request,
    `reason.`)."""
    facts = dict(error.facts)
    if f"limits.{facts.get('expected')}" in catalogue(language):
        facts["expected"] = say(language, f"limits.{facts['expected']}")
    section = "error" if f"error.{error.key}" in catalogue(language) else "reason"
    return say(language, f"{section}.{error.key}", **facts)
