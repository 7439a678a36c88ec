"""An exception as the sentence a person reads."""

from collections.abc import Callable

from importer.errors import ImporterError
from importer.language import Language, is_told, say

_LOOKED_UP = {"expected": "limits", "argument": "argument", "meaning": "meaning"}
"""Facts that are words of the catalogues themselves, and where those stand."""


def sentence_of(error: ImporterError, language: Language, masking: Callable[[str], str] = str) -> str:
    """What happened, where, and what to do, in one sentence of the catalogue (`error.` or, for one request,
    `reason.`). `masking` takes secrets out of its facts, never out of the catalogue's own words."""
    facts = {name: masking(fact) for name, fact in error.facts.items()}
    for fact, section in _LOOKED_UP.items():
        if is_told(language, f"{section}.{error.facts.get(fact)}"):
            facts[fact] = say(language, f"{section}.{error.facts[fact]}")
    section = "error" if is_told(language, f"error.{error.key}") else "reason"
    return say(language, f"{section}.{error.key}", **facts)
