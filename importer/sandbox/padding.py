"""Blanks at the end of texts, as columns of fixed width leave them (NOTES section 4)."""

from importer.sandbox.switches import Switches

CODE_WIDTH = 15
CURRENCY_WIDTH = 5
TYPE_WIDTH = 5
REFERENCE_WIDTH = 30
FLAG_WIDTH = 1


def fill_up(text: str, width: int, switches: Switches) -> str:
    """The text with one blank behind it unless it fills its column, as the examples show it (W-01), or
    with blanks up to the column's width (W-02)."""
    if switches.full_width:
        return text.ljust(width)
    return text if len(text) >= width else text + " "


def fill_up_if_wide(text: str, width: int, switches: Switches) -> str:
    """For texts that the examples show bare: blanks only where the switch asks for them (W-02)."""
    return text.ljust(width) if switches.full_width else text
