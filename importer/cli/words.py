"""The language of the command line itself: its help is made before any flag is read by click."""

import os
import sys
from itertools import pairwise

from importer.language import Language, say
from importer.settings import language_of


def _flag(arguments: list[str]) -> str | None:
    for argument, following in pairwise([*arguments, ""]):
        if argument == "--lang":
            return following
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None


LANGUAGE: Language = language_of(_flag(sys.argv[1:]), os.environ)
"""From `--lang`, IMPORTER_LANG or the locale."""


def words(key: str, **facts: str | int) -> str:
    """A text of the catalogue in the command line's language."""
    return say(LANGUAGE, key, **facts)
