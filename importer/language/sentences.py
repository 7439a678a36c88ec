"""An exception as the sentence a person reads."""

from importer.errors import ImporterError
from importer.language import Language, is_told, say

_LOOKED_UP = {"expected": "limits", "argument": "argument", "meaning": "meaning"}
"""Facts that are words of the catalogues themselves, and where those stand."""


def sentence_of(error: ImporterError, language: Language) -> str:
    """What happened, where, and what to do, in one sentence of the catalogue (`error.` or, for one request,
    `reason.`)."""
    facts = dict(error.facts)
    for fact, section in _LOOKED_UP.items():
        if is_told(language, f"{section}.{facts.get(fact)}"):
            facts[fact] = say(language, f"{section}.{facts[fact]}")
    section = "error" if is_told(language, f"error.{error.key}") else "reason"
    return say(language, f"{section}.{error.key}", **facts)
