"""An exception as the sentence a person reads."""

from importer.errors import ImporterError
from importer.language import Language, catalogue, say

_LOOKED_UP = {"expected": "limits", "argument": "argument", "meaning": "meaning"}
"""Facts that are words of the catalogues themselves, and where those stand."""


def sentence_of(error: ImporterError, language: Language) -> str:
    """What happened, where, and what to do, in one sentence of the catalogue (`error.` or, for one request,
    `reason.`)."""
    texts = catalogue(language)
    facts = dict(error.facts)
    for fact, section in _LOOKED_UP.items():
        if f"{section}.{facts.get(fact)}" in texts:
            facts[fact] = say(language, f"{section}.{facts[fact]}")
    section = "error" if f"error.{error.key}" in texts else "reason"
    return say(language, f"{section}.{error.key}", **facts)
