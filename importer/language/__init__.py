"""Every sentence a person reads, in English, Spanish and French: the catalogues in `en`, `es` and `fr`."""

import os
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Language(StrEnum):
    """The languages of headings, messages and pages."""

    EN = "en"
    ES = "es"
    FR = "fr"


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language by dotted key (`problem.required`)."""
    texts: dict[str, str] = {}
    for page in files("importer.language").joinpath(language).iterdir():
        if page.name.endswith(".toml"):
            texts.update(_flattened(tomllib.loads(page.read_text(encoding="utf-8")), ""))
    return texts


def _flattened(tree: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            texts += _flattened(value, f"{prefix}{name}.")
        else:
            texts.append((f"{prefix}{name}", str(value)))
    return texts


def say(language: Language, key: str, /, **facts: str | int) -> str:
    """The text of `key` with its `{facts}` filled in. A fact `count` picks `key.one` for 1 where the catalogue has it.

    Raises KeyError for a key or a fact that is missing: a hole in a catalogue is a mistake of ours (a test
    walks them all).
    """
    texts = catalogue(language)
    if facts.get("count") in (1, "1") and f"{key}.one" in texts:
        key = f"{key}.one"
    elif f"{key}.many" in texts:
        key = f"{key}.many"
    return texts[key].format_map(facts)


def language_of_environment() -> Language:
    """The language of the user's locale variables (LC_ALL, LC_MESSAGES, LANG), English when they name none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        name = os.environ.get(variable, "")[:2].lower()
        if name in set(Language):
            return Language(name)
    return Language.EN
