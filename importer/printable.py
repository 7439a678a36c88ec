"""Text from cells, files and services, made harmless to show: nothing invisible stays invisible."""

from unicodedata import category

LONGEST_VALUE = 160
LONGEST_SENTENCE = 800


def printable(text: str) -> str:
    r"""The text with every control, format, private and unpaired character shown as a `\u` escape.

    That covers C0, C1 and ESC (terminal escapes), bidi controls, zero-width characters, line breaks and lone
    surrogates (notes on security, "Terminal escape injection"). Blanks of all widths stay.
    """
    if text.isprintable():
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
