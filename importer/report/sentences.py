"""The sentences of a report, from the catalogues; numbers, days and rows as the reader of a language writes them; by
which mapping a sheet was read."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache, partial
from string import Formatter

from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem, ranges_of
from importer.model.results import Document, Result, Status, Stop
from importer.model.workbook import MappingUse
from importer.printable import as_argument, as_path_argument
from importer.templates.forms import FORMS
from importer.translations import Language, chapter, has_text, say

JOURNAL = "journal"
"""The kind of a document that is a journal; the others are records."""

COLUMN_FACTS = frozenset({"heading", "dimension", "counterpart"})
COLUMNS_FACTS = frozenset({"fields", "lacking"})
"""Facts of problems that are wire names of a column, or of several with commas, shown as labels."""

AMOUNT_FACTS = frozenset({"debit", "credit", "difference", "total", "amounts"})
"""Facts that are plain amounts, or hold some, shown with separators."""

_PLAIN_AMOUNT = re.compile(r"(?<![\w.,])-?[0-9]+(\.[0-9]+)?(?![\w.,])")


def said(language: Language, key: str, /, **facts: str) -> str:
    """The sentence of `key`; where a catalogue has a hole, the English one, else the key with its facts.

    Once anything was sent there must be a report: a missing word never keeps it from being written.
    """
    for tongue in (language, Language.EN):
        try:
            return say(tongue, key, **facts)
        except KeyError:
            continue
    name = key.partition(".")[2] or key
    named = ", ".join(f"{fact}: {text}" for fact, text in facts.items() if text)
    return f"{name} ({named})" if named else name


def speaker(language: Language, documents: Iterable[Document]) -> Callable[..., str]:
    """`said` for a report about these documents: where some are no journals its sentences speak of items."""
    if all(document.kind == JOURNAL for document in documents):
        return partial(said, language)
    return partial(_said_of_items, language)


def _said_of_items(language: Language, key: str, /, **facts: str) -> str:
    of_items = f"report.items.{key.removeprefix('report.')}"
    is_there = any(has_text(Language.EN, f"{of_items}{ending}") for ending in ("", ".many"))
    return said(language, of_items if is_there else key, **facts)


def message(problem: Problem, language: Language) -> str:
    """What is wrong and what to do, in one or two sentences. The text is as raw as the cell it quotes.

    Facts that name a column (`heading`, `dimension`, `counterpart`) or several (`fields`, `lacking`: with commas) come
    as wire names and are shown as the form's labels; amounts come as plain numbers and are shown with separators. A
    sentence may name the document's own key as `key`; the file as `path` and the journal as `argument`, as they are
    typed on a command line.
    """
    return _sentence(*facts_of(problem), language)


def facts_of(problem: Problem) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The key of a problem's sentence, and what fills it, by name."""
    key, named = facts_shown(problem.wording or problem.code)
    given = problem.facts
    if "key" in named and "key" not in given:
        given = {**given, "key": problem.document or ""}
    if "path" in named:
        given = {**given, "path": as_path_argument(given.get("file", problem.place.file))}
    if "argument" in named:
        given = {**given, "argument": as_argument(given.get("name", problem.document or ""))}
    try:
        # Most sentences repeat; most values, which few of them tell, do not.
        return key, tuple([(name, given[name]) for name in named])
    except KeyError:
        return key, tuple({"value": problem.value or "", "suggestion": problem.suggestion or "", **given}.items())


@cache
def facts_shown(wording: str) -> tuple[str, tuple[str, ...]]:
    """The key of a problem's sentence, and the facts in it, the same in every language; a fact without a name, which no
    problem has, when there is no such sentence."""
    key, texts = f"problem.{wording}", chapter(Language.EN, "problem")
    forms = [ending for ending in ("", ".one", ".many") if f"{key}{ending}" in texts]
    parts = (part for form in forms for part in Formatter().parse(texts[f"{key}{form}"]))
    names = dict.fromkeys(name for _, name, _, _ in parts if name)  # in their order: the same result, the same page
    if forms[1:]:
        names["count"] = None
    return key, tuple(names) if forms else ("",)


@lru_cache(maxsize=10_000)
def _sentence(key: str, facts: tuple[tuple[str, str], ...], language: Language) -> str:
    """A problem's sentence; the page, the terminal and the document all ask for it, and most problems repeat."""
    return said(language, key, **{name: _shown_fact(name, text, language) for name, text in facts})


def _shown_fact(name: str, text: str, language: Language) -> str:
    if name in AMOUNT_FACTS:
        return _PLAIN_AMOUNT.sub(lambda plain: amount_text(Decimal(plain[0]), language), text)
    if name in COLUMN_FACTS:
        return column_label(text, language)
    if name in COLUMNS_FACTS:
        return ", ".join(column_label(field, language) for field in text.split(", "))
    return text


def status_words(status: Status, language: Language, documents: Iterable[Document] = ()) -> str:
    """The state of these documents (journals where none are given) in a word or two."""
    return speaker(language, documents)(f"status.{status.value}")


def record_words(document: Document, language: Language) -> str:
    """What kind of record a document is about: the dimension by its name, or an address."""
    if document.kind != "dimension":
        return said(language, f"report.records.{document.kind}")
    category = document.key.partition("/")[0]
    name = category
    if category.isdecimal() and 1 <= int(category) <= len(DIMENSION_FIELDS):
        name = column_label(DIMENSION_FIELDS[int(category) - 1], language)
    return said(language, "report.records.dimension", name=name)


@cache
def column_label(field: str, language: Language) -> str:
    """The heading of a form's column in a language; the field itself where no form has such a column."""
    for form in FORMS:
        with suppress(KeyError):
            return form.label(form.column(field), language)
    return field


def difference_text(line: int | None, field: str, sent: str, found: str, language: Language) -> str:
    """One difference between a journal that was sent and the ledger's: `field` is a wire name, or `added` or `lost` for
    a whole line; `line` is our line's number from 1, None where only the ledger has it."""
    if field in ("added", "lost"):
        return said(language, f"audit.{field}", content=found or sent)
    change = f"{column_label(field, language)} {sent or '–'} → {found or '–'}"
    return change if line is None else said(language, "audit.line", line=str(line), change=change)


def stop_reason(reason: Stop | tuple[str, Mapping[str, str]], language: Language) -> str:
    """Why the run ended early, or a file was not linked: the sentence of an `ImporterError`, by its key with its
    facts."""
    key, facts = reason[0], reason[1]
    for kind in ("error", "reason"):
        if has_text(Language.EN, f"{kind}.{key}"):
            return said(language, f"{kind}.{key}", **facts)
    return said(language, key, **facts)


MONTHS = 12
MOST_RANGES = 8
NARROW_NO_BREAK_SPACE = "\u202f"
MINUS = "\u2212"


def amount_text(value: Decimal | None, language: Language) -> str:
    """An amount with two decimals, or all it has, and separators: `1,234.50`, in French `1 234,50`; a dash when there
    is none."""
    if value is None:
        return "–"
    text = f"{value:,.2f}"
    return _separated(text if Decimal(text.replace(",", "")) == value else f"{value:,f}", language)


def count_text(value: int, language: Language) -> str:
    """A whole number with separators."""
    return _separated(f"{value:,}", language)


def _separated(text: str, language: Language) -> str:
    if language is Language.FR:
        return text.translate({ord(","): NARROW_NO_BREAK_SPACE, ord("."): ","})
    return text


_ranges_of = lru_cache(maxsize=1)(ranges_of)
"""A page asks for the same rows in each of its languages."""


def rows_text(rows: Iterable[int], language: Language) -> str:
    """Row numbers compactly, `5–9, 12`; after eight spans the number of rows that follow is told
    instead."""
    stretches = _ranges_of(tuple(rows))
    shown = (str(first) if first == last else f"{first}–{last}" for first, last in stretches[:MOST_RANGES])
    text = ", ".join(shown)
    rest = sum(last - first + 1 for first, last in stretches[MOST_RANGES:])
    if not rest:
        return text
    return f"{text}, {said(language, 'report.more-rows', count=count_text(rest, language))}"


def period_text(period: str | None, language: Language) -> str:
    """The month of an accounting period in words (`June 2018` of 2018006), `""` where it is no month of the
    year."""
    if period is None or len(period) != len("2018006") or not period.isascii() or not period.isdecimal():
        return ""
    month = int(period[4:])
    if not 1 <= month <= MONTHS:
        return ""
    return said(language, "report.month-of-year", month=_month(month, language), year=period[:4])


def _month(number: int, language: Language) -> str:
    return said(language, f"report.month.m{number:02d}")


def day_text(moment: datetime, language: Language) -> str:
    """The day in words: `1 July 2026`, `1 de julio de 2026`, `1er juillet 2026`."""
    month = _month(moment.month, language)
    return said(language, "report.day", count=str(moment.day), month=month, year=str(moment.year))


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC, as the result has it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def time_span(start: datetime, end: datetime, language: Language, zone: tzinfo | None = None) -> str:
    """From when to when, in `zone` (default: this machine's), with its distance from UTC:
    `1 July 2026, 14:03:11 to 14:05:40 (UTC−06:00)`."""
    first, last = utc(start).astimezone(zone), utc(end).astimezone(zone)
    offset = f"{first:%z}".replace("-", MINUS)
    until = f"{last:%H:%M:%S}"
    if first.date() != last.date():
        until = f"{day_text(last, language)}, {until}"
    return said(
        language,
        "report.time-span",
        day=day_text(first, language),
        start=f"{first:%H:%M:%S}",
        end=until,
        offset=f"{offset[:3]}:{offset[3:5]}",
    )


_MOST_CODES = 12


def mapping_lines(
    use: MappingUse,
    sheet: str,
    language: Language,
    documents: Iterable[Document] = (),
    *,
    with_headings: bool = False,
) -> list[str]:
    """What is told of the mapping of a sheet; `documents` are the sheet's journals, `with_headings` tells which column
    is read as what, and all of the codes."""
    lines = [said(language, "report.mapping.name", sheet=sheet, mapping=use.name)]
    if with_headings:
        for name, heading in use.headings.items():
            field = column_label(name, language)
            lines.append(said(language, "report.mapping.heading", field=field, heading=" ".join(heading.split())))
    for key, texts in (("constants", use.constants), ("cells", use.cells)):
        values = "; ".join(f"{column_label(name, language)} {text}" for name, text in texts.items())
        if values:
            lines.append(said(language, f"report.mapping.{key}", values=values))
    for name, codes in use.values.items():
        pairs = [f"{text} → {code}" for text, code in codes.items()]
        most = len(pairs) if with_headings else _MOST_CODES
        values = ", ".join([*pairs[:most], *(["…"] if pairs[most:] else [])])
        lines.append(said(language, "report.mapping.values", field=column_label(name, language), values=values))
    for name, declared in use.formats.items():
        lines.append(said(language, f"report.mapping.format.{name}", format=declared))
    if use.scale != 1:
        lines.append(said(language, "report.mapping.scale", scale=count_text(use.scale, language)))
    if use.period_from is not None:
        heading = use.headings.get(use.period_from, "")
        periods = "; ".join(_derived(documents, language))
        key = "report.mapping.derived" if periods else "report.mapping.derived-alone"
        lines.append(said(language, key, heading=heading, periods=periods))
    for one in use.totals:
        names = ("debit_before", "credit_before", "debit", "credit")
        facts = {name: amount_text(getattr(one, name), language) for name in names}
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
