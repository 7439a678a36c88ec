"""A posted journal on paper."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fpdf.fonts import FontFace
from PIL.Image import Image

from importer.sandbox.company_lists import Company
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.ledger import Journal, Line
from importer.sandbox.printing.layouts import LIVE_LAYOUTS, Layout
from importer.sandbox.printing.pages import Pages, money, printable, shortened
from importer.sandbox.printing.words import words_of

MONEY = frozenset({"debit", "credit", "amount"})
LARGEST_LOGO_SIDE = 18


def print_voucher(journal: Journal, company: Company, print_format: str, language: str, logo: Image | None) -> bytes:
    """The PDF of a journal in one of the formats and three languages; `logo` is a picture that has been read. A format
    that has no words is a policy under its own code."""
    words, layout = words_of(language), LIVE_LAYOUTS[print_format]
    of_format = words.get(print_format, {**words["PFP"], "title": print_format})
    title = of_format["title"]
    footer = f"{company.name} · {journal.voucher} · {words['page']}"
    pages = Pages(f"{title} {journal.number}", layout.paper, layout.margin, footer, journal.lines[0].entry_date)
    if logo is not None:
        side = min(LARGEST_LOGO_SIDE, layout.paper[0] // 8)
        pages.image(logo, x=pages.w - layout.margin - side, y=layout.margin, w=side, h=side, keep_aspect_ratio=True)
    _write_head(pages, journal, company, title, words)
    total = sum((line.amount for line in journal.lines if line.amount > 0), Decimal(0))
    amount = f"{money(total, language)} {journal.currency}"
    if layout.has_amount_box:
        _write_amount(pages, amount, words)
    lead = of_format["lead"].format(journal=journal.number, voucher=journal.voucher, amount=amount)
    pages.write_line(lead, 10, "B")
    pages.ln(2)
    _write_lines(pages, journal, company, layout, language)
    _write_signatures(pages, [words[name] for name in layout.signatures])
    return bytes(pages.output())


def _write_head(pages: Pages, journal: Journal, company: Company, title: str, words: dict[str, Any]) -> None:
    pages.write_line(company.name, 10, "B")
    pages.write_line(f"{company.business_name} · {company.rfc} · {company.address}", 7)
    pages.write_line(title, 15, "B")
    type_name = company.journal_types.get(journal.journal_type, "")
    for name, fact in (
        ("journal", f"{journal.number}   {words['voucher']}: {journal.voucher}"),
        ("type", f"{journal.journal_type} {type_name}"),
        ("period", f"{journal.period}   {words['currency']}: {journal.currency}"),
        ("entered", journal.lines[0].entry_date.isoformat()),
    ):
        pages.write_line(f"{words[name]}: {fact}", 8)
    pages.ln(2)


def _write_amount(pages: Pages, amount: str, words: dict[str, Any]) -> None:
    pages.set_font("helvetica", style="B", size=12)
    text = printable(f"{words['amount']}: {amount}")
    pages.cell(pages.get_string_width(text) + 6, 9, text, border=1, align="C", new_x="LMARGIN", new_y="NEXT")
    pages.ln(2)


def _write_lines(pages: Pages, journal: Journal, company: Company, layout: Layout, language: str) -> None:
    words = words_of(language)
    pages.set_font("helvetica", size=layout.type_size)
    with pages.table(
        col_widths=tuple(layout.columns.values()),
        text_align=tuple("RIGHT" if column in MONEY else "LEFT" for column in layout.columns),
        line_height=layout.type_size * 0.5,
        headings_style=FontFace(emphasis="BOLD"),
        borders_layout="HORIZONTAL_LINES",
    ) as table:
        table.row([printable(words[column]) for column in layout.columns])
        for position, line in enumerate(journal.lines, 1):
            cells = _cells(position, line, company, language)
            table.row([shortened(cells[column]) for column in layout.columns])
        table.row(_totals(journal.lines, layout, language))


def _cells(position: int, line: Line, company: Company, language: str) -> dict[str, str]:
    account = company.accounts.get(line.account)
    codes = zip(DIMENSIONS, line.codes, strict=True)
    amount = money(abs(line.amount), language)
    return {
        "line": str(position),
        "date": line.transaction_date.isoformat(),
        "account": line.account,
        "name": account.name if account else "",
        "reference": line.treference,
        "description": line.description,
        "dimensions": ", ".join(f"{dimension.name} {code}" for dimension, code in codes if code),
        "debit": amount if line.amount < 0 else "",
        "credit": "" if line.amount < 0 else amount,
        "amount": f"{'-' if line.amount < 0 else ''}{amount}",
    }


def _totals(lines: Sequence[Line], layout: Layout, language: str) -> list[str]:
    debit = money(sum((-line.amount for line in lines if line.amount < 0), Decimal(0)), language)
    credit = money(sum((line.amount for line in lines if line.amount > 0), Decimal(0)), language)
    sums = {"debit": debit, "credit": credit, "amount": credit}
    _, *others = layout.columns
    return [printable(words_of(language)["total"]), *(printable(sums.get(column, "")) for column in others)]


def _write_signatures(pages: Pages, signatures: list[str]) -> None:
    width = pages.epw / max(len(signatures), 2)
    if pages.will_page_break(18):
        pages.add_page()
    pages.ln(10)
    pages.set_font("helvetica", size=8)
    for signature in signatures:
        pages.cell(width - 4, 5, printable(signature), border="T", align="C")
        pages.cell(4, 5, "")
