"""Text from cells, files and services, made harmless to show: nothing invisible stays invisible."""

import os
import re
from unicodedata import category

LONGEST_VALUE = 160
LONGEST_SENTENCE = 800


def printable(text: str) -> str:
    r"""The text with every control, format, private and unpaired character shown as a `\u` escape.

    That covers C0, C1 and ESC (terminal escapes), bidi controls, zero-width characters, line breaks and lone
    surrogates (notes on security, "Terminal escape injection"). Blanks of all widths stay.
    """
    # French sentences have blanks of two more kinds; the rest is told character by character.
    if text.isprintable() or text.replace("\xa0", " ").replace("\u202f", " ").isprintable():
        return text
    return "".join(mark if mark.isprintable() or category(mark) == "Zs" else _escape(mark) for mark in text)


def _escape(mark: str) -> str:
    number = ord(mark)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def shortened(text: str, length: int = LONGEST_VALUE) -> str:
    """The text, or its beginning with `… (+n)` at the end, where n is how many characters are left out."""
    if len(text) <= length:
        return text
    return f"{text[:length]}… (+{len(text) - length})"


_PLAIN = re.compile(r"[\w.:/=-]+")
_SAFE_IN_DOUBLE_QUOTES = re.compile(r"[\w .:/\\=&;,@#()\[\]{}+~'|<>^-]*(?<!\\)")
_NEVER = re.compile('[&|<>^%!"\x00-\x1f\u2018-\u201f]')  # PowerShell takes the curved quotes for its own


def as_argument(text: str, *, is_windows: bool = os.name == "nt") -> str:
    """A text as it is typed as one argument on a command line of this system: the shell runs nothing of it.

    In double quotes where no shell of any system finds anything in it. Else on Windows as PowerShell's own text, with
    `?` for what cmd.exe would find there.
    """
    if _PLAIN.fullmatch(text):
        return text
    if _SAFE_IN_DOUBLE_QUOTES.fullmatch(text) and (is_windows or "\\" not in text):
        return f'"{text}"'
    if not is_windows:
        import shlex  # it imports more than all the rest of this file

        return shlex.quote(text)
    return "'" + _NEVER.sub("?", text).replace("'", "''") + "'"


def as_path_argument(path: str) -> str:
    """The path of a file as an argument; one that begins like a flag is no flag."""
    return as_argument(f"./{path}" if path.startswith("-") else path)
