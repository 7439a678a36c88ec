"""Every sentence a person reads, in English, Spanish and French: the catalogues in `importer/locale`, and an exception
as the sentence that says what happened and what to do."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from importer.errors import ImporterError


class Language(StrEnum):
    """The languages of headings, messages and pages."""

    EN = "en"
    ES = "es"
    FR = "fr"


_TABLE = re.compile(r"^(?=\[)", re.MULTILINE)
"""Where a table of a page begins: no text of a catalogue has a line that begins with a bracket."""


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language by dotted key (`problem.required`)."""
    return {key: text for page in _pages(language) for key, text in _texts_in(page).items()}


@cache
def chapter(language: Language, name: str) -> dict[str, str]:
    """The texts of a language whose keys begin with a name, by their whole key; only their tables are parsed
    (all pages of all languages take a tenth of a second, headings are looked for in every language)."""
    starts = (f"[{name}]", f"[{name}.")
    return {
        key: text for table in _tables(language) if table.startswith(starts) for key, text in _texts_in(table).items()
    }


def has_text(language: Language, key: str) -> bool:
    """True when the catalogue has a text of this key."""
    return key in chapter(language, key.partition(".")[0])


@cache
def _pages(language: Language) -> tuple[str, ...]:
    pages = Path(__file__).with_name("locale").joinpath(language).glob("*.toml")
    return tuple(page.read_text(encoding="utf-8") for page in pages)


@cache
def _tables(language: Language) -> tuple[str, ...]:
    return tuple(table for page in _pages(language) for table in _TABLE.split(page))


@cache
def _texts_in(page: str) -> dict[str, str]:
    return dict(_flattened(tomllib.loads(page), ""))


def _flattened(tree: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            texts += _flattened(value, f"{prefix}{name}.")
        else:
            texts.append((f"{prefix}{name}", str(value)))
    return texts


def say(language: Language, key: str, /, **facts: str | int) -> str:
    """The text of `key` with its `{facts}` filled in. A fact `count` picks `key.one` for 1 where the catalogue has it;
    `detail` is put into words as far as the catalogue knows what a system says.

    Raises KeyError for a key or a fact that is missing: a hole in a catalogue is a mistake of ours (a test
    walks them all).
    """
    texts = chapter(language, key.partition(".")[0])
    if facts.get("count") in (1, "1") and f"{key}.one" in texts:
        key = f"{key}.one"
    elif f"{key}.many" in texts:
        key = f"{key}.many"
    if "detail" in facts:
        facts["detail"] = _in_words(language, str(facts["detail"]))
    return texts[key].format_map(facts)


_ABOUT = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:[0-9]+\)$")
"""What Python puts around the words of a system: `[Errno 2] `."""


_NO_TOML = {
    "line": re.compile(r" \(at line (?P<line>[0-9]+), column (?P<column>[0-9]+)\)$"),
    "end": re.compile(r" \(at end of document\)$"),
    "encoding": re.compile(r"^'utf-8' codec can't decode"),
    "member": re.compile(r"(?: - at `\$\.?| field `)(?P<member>[^`]*)`(?: - at .*)?$"),
}
"""How Python's tomllib and codec, and msgspec, say where a text cannot be read: the place alone is told, since the rest
is English."""


def _in_words(language: Language, detail: str) -> str:
    """What an operating system, OpenSSL or SQLite says, or where a text is no TOML, in a language; as it stands when no
    catalogue knows it."""
    for name, pattern in _NO_TOML.items():
        if found := pattern.search(detail):
            return chapter(language, "toml")[f"toml.{name}"].format_map(found.groupdict())
    plain = _ABOUT.sub("", detail)
    for key, text in chapter(language, "system").items():
        known = key.removeprefix("system.")
        if plain.startswith(known) and plain.removeprefix(known)[:1] in ("", ":", ".", " "):
            return (text + plain.removeprefix(known)).removesuffix(".")
    return detail


def language_of_environment() -> Language:
    """The language of the user's locale variables (LC_ALL, LC_MESSAGES, LANG), English when they name none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        name = os.environ.get(variable, "")[:2].lower()
        if name in set(Language):
            return Language(name)
    return Language.EN


def language_of(flag: str | None, environment: Mapping[str, str]) -> Language:
    """The language before the settings are read, so that a mistake in them can be told in it."""
    for name in (flag, environment.get("IMPORTER_LANG")):
        if name in set(Language):
            return Language(name)
    return language_of_environment()


_LOOKED_UP = {"expected": "limits", "argument": "argument", "meaning": "meaning", "source": "source"}
"""Facts that are words of the catalogues themselves, and where those stand."""


def sentence_of(error: ImporterError, language: Language, masking: Callable[[str], str] = str) -> str:
    """What happened, where, and what to do, in one sentence of the catalogue (`error.` or, for one request,
    `reason.`). `masking` takes secrets out of its facts, never out of the catalogue's own words."""
    facts = {name: masking(fact) for name, fact in error.facts.items()}
    for fact, section in _LOOKED_UP.items():
        if has_text(language, f"{section}.{error.facts.get(fact)}"):
            facts[fact] = say(language, f"{section}.{error.facts[fact]}")
    section = "error" if has_text(language, f"error.{error.key}") else "reason"
    return say(language, f"{section}.{error.key}", **facts)
