"""The words of printed journals in the three languages of the contract."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "es", "fr")


@cache
def words_of(language: str) -> dict[str, Any]:
    """All words of a language; those of a format stand under its code."""
    text = (files("importer.sandbox") / "printing" / "words.toml").read_text(encoding="utf-8")
    words: dict[str, Any] = tomllib.loads(text)[language]
    return words
