"""Pages of a PDF with the built-in fonts, which know the letters of Windows-1252."""

import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal

from fpdf import FPDF

LONGEST_TEXT = 60
"""Longer texts are cut, so that a row always fits its page."""


class Pages(FPDF):
    """Pages with a footer; the same content gives the same bytes."""

    def __init__(self, title: str, paper: tuple[int, int], margin: int, footer: str, made_on: date) -> None:
        super().__init__(unit="mm", format=paper)
        self.core_fonts_encoding = "windows-1252"
        self.footer_text = printable(footer)
        self.set_title(title)
        self.set_creation_date(datetime.combine(made_on, time(), UTC))
        self.set_margin(margin)
        self.set_auto_page_break(True, margin=margin + 5)
        self.set_font("helvetica", size=9)
        self.add_page()

    def footer(self) -> None:
        """The foot of each page, drawn by fpdf2: the text and the page's number."""
        self.set_y(-self.b_margin + 1)
        self.set_font("helvetica", size=7)
        self.cell(0, 4, f"{self.footer_text} {self.page_no()}", align="R")

    def write_line(self, text: str, size: float = 9, style: str = "", align: str = "L") -> None:
        """A paragraph over the whole width."""
        self.set_font("helvetica", style=style, size=size)
        self.multi_cell(0, size * 0.5, printable(text), align=align, new_x="LMARGIN", new_y="NEXT")


def printable(text: str) -> str:
    """The text with what the fonts do not have replaced by question marks, and control characters by blanks."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(mark)[0] == "C" else mark for mark in composed)
    return visible.encode("windows-1252", "replace").decode("windows-1252")


def shortened(text: str) -> str:
    """A text for a cell."""
    fitting = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    return printable(fitting)


def money(amount: Decimal, language: str) -> str:
    """An amount with two decimals as the language writes it; 1,250.30 in Mexico, too."""
    written = f"{amount:,.2f}"
    return written.replace(",", "\u00a0").replace(".", ",") if language == "fr" else written
