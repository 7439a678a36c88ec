"""By which mapping a sheet was read, in sentences: its name, what is the same for all rows, derived periods, sides."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from importer.model.results import Document, Result
from importer.model.workbook import MappingUse
from importer.report.sentences import amount_text, column_label, said
from importer.translations import Language


def mapping_lines(
    use: MappingUse,
    sheet: str,
    language: Language,
    documents: Iterable[Document] = (),
    *,
    with_headings: bool = False,
) -> list[str]:
    """What is told of the mapping of a sheet; `documents` are the sheet's journals, `with_headings` tells which column
    is read as what."""
    lines = [said(language, "report.mapping.name", sheet=sheet, mapping=use.name)]
    if with_headings:
        for name, heading in use.headings.items():
            field = column_label(name, language)
            lines.append(said(language, "report.mapping.heading", field=field, heading=heading))
    for key, texts in (("constants", use.constants), ("cells", use.cells)):
        values = "; ".join(f"{column_label(name, language)} {text}" for name, text in texts.items())
        if values:
            lines.append(said(language, f"report.mapping.{key}", values=values))
    if use.period_from is not None:
        heading = use.headings.get(use.period_from, "")
        periods = "; ".join(_derived(documents, language)) or "–"
        lines.append(said(language, "report.mapping.derived", heading=heading, periods=periods))
    for one in use.totals:
        facts = {
            name: amount_text(amount, language)
            for name, amount in (
                *(("debit_before", one.debit_before), ("credit_before", one.credit_before)),
                *(("debit", one.debit), ("credit", one.credit)),
            )
        }
        lines.append(said(language, "report.mapping.totals", currency=one.currency, **facts))
    return lines


def lines_of_result(result: Result, language: Language) -> Iterator[str]:
    """The same of every sheet of a run that was read by a mapping."""
    for file in result.files:
        for sheet in file.sheets:
            if sheet.mapping is not None:
                documents = [one for one in result.documents if (one.file, one.sheet) == (file.path, sheet.name)]
                yield from mapping_lines(sheet.mapping, sheet.name, language, documents)


def _derived(documents: Iterable[Document], language: Language) -> Iterator[str]:
    sums: dict[str, tuple[int, Decimal]] = {}
    for one in documents:
        count, amount = sums.get(one.period or "–", (0, Decimal(0)))
        sums[one.period or "–"] = (count + 1, amount + (one.debit or 0))
    for period, (count, amount) in sorted(sums.items()):
        facts = {"period": period, "count": str(count), "amount": amount_text(amount, language)}
        yield said(language, "report.mapping.derived-period", **facts)
