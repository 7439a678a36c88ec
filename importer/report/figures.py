"""The sums an accountant checks first: rows that became no document, and the money of each state, tied to what the
cells of the workbook hold; and the figures of the page's pictures, which its templates draw as inline SVG."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache, reduce
from operator import attrgetter

from importer.model.journals import DIMENSION_FIELDS
from importer.model.results import EXACT, Document, LineMoney, Result, Status
from importer.printable import shortened
from importer.report.problem_groups import sheet_order
from importer.report.sentences import JOURNAL, count_text, rows_text, said, status_words
from importer.translations import Language

LEDGER_ORDER = (Status.POSTED, Status.ALREADY_POSTED, Status.READY)
"""The states whose amounts are told: what the ledger has, and in a check what it would get."""


def homeless_rows(result: Result) -> int:
    """How many filled rows of the sheets, as the reader counted them, are of no document; 0 where the sheets are not
    told."""
    on_sheets = sum(sheet.rows for file in result.files for sheet in file.sheets)
    return max(0, on_sheets - sum(result.rows_by_status().values()))


@dataclass(frozen=True, slots=True)
class Amounts:
    """Debits and credits of the documents of one currency, period and state."""

    currency: str
    period: str
    status: Status
    documents: int
    debit: Decimal
    credit: Decimal


def amounts_by_period(documents: Iterable[Document]) -> list[Amounts]:
    """Sums of the journals by currency, period and state, in that order; currencies are never added to each other."""
    alike: dict[tuple[str, str, Status], list[Document]] = {}
    for one in documents:
        if one.status in LEDGER_ORDER and one.kind == JOURNAL:
            alike.setdefault((one.currency or "", one.period or "", one.status), []).append(one)
    found = []
    for key in sorted(alike, key=lambda key: (key[0], key[1], LEDGER_ORDER.index(key[2]))):
        debit = sum((one.debit or Decimal(0) for one in alike[key]), Decimal(0))
        credit = sum((one.credit or Decimal(0) for one in alike[key]), Decimal(0))
        found.append(Amounts(*key, len(alike[key]), debit, credit))
    return found


@dataclass(frozen=True, slots=True)
class MoneyGroup:
    """The money of one currency and period as the lines say them (None: they do not): `parts` by the state in which it
    ended, beside them `NO_LINES` and `HIDDEN`, those alone that have any; `workbook` is what the cells of the sheets
    add up to, counted apart from the journals."""

    currency: str | None
    period: str | None
    parts: Mapping[str, LineMoney]
    workbook: LineMoney

    @property
    def whole(self) -> LineMoney:
        """All parts together."""
        return _all_together(self.currency, self.period, self.parts.values())

    @property
    def ties(self) -> bool:
        """True when the parts are the workbook, to the cent and the cell."""
        return self.whole == self.workbook


NO_LINES, HIDDEN = "no_lines", "hidden"
"""What is in the workbook and of no journal: rows that are no lines, and hidden rows left out on purpose."""


@lru_cache(maxsize=1)
def money_of(result: Result) -> Sequence[MoneyGroup]:
    """All the money of a run or check by currency and period of the lines, those without one last; currencies are never
    added to each other. That of the newest result is remembered."""
    found: dict[_Group, dict[str, list[LineMoney]]] = {}
    for document in result.documents:
        if document.kind == JOURNAL:
            _add(found, document.status.value, _lines_of(document))
    sheets = [sheet for file in result.files for sheet in file.sheets]
    on_sheets: dict[_Group, dict[str, list[LineMoney]]] = {}
    for sheet in sheets:
        _add(found, NO_LINES, sheet.no_lines)
        _add(found, HIDDEN, sheet.hidden)
        _add(on_sheets, "", (*sheet.money, *sheet.no_lines, *sheet.hidden))
    parts = {
        group: {state: _all_together(*group, money) for state, money in of_group.items()}
        for group, of_group in found.items()
    }
    workbook = {group: _all_together(*group, of_group[""]) for group, of_group in on_sheets.items()}
    if not any(sheet.money for sheet in sheets):  # results of older programs do not tell it
        workbook = {group: _all_together(*group, of_group.values()) for group, of_group in parts.items()}
    ordered = sorted({*parts, *workbook}, key=lambda group: [(text is None, text or "") for text in group])
    return tuple(
        MoneyGroup(*group, parts.get(group, {}), workbook.get(group) or LineMoney(*group)) for group in ordered
    )


def money_by_currency(groups: Iterable[MoneyGroup]) -> list[tuple[MoneyGroup, list[MoneyGroup]]]:
    """The groups of each currency after what they are together, in the order given."""
    by_currency: dict[str | None, list[MoneyGroup]] = {}
    for group in groups:
        by_currency.setdefault(group.currency, []).append(group)
    together = []
    for currency, of_it in by_currency.items():
        parts: dict[str, LineMoney] = {}
        for state, money in (part for group in of_it for part in group.parts.items()):
            parts[state] = parts.get(state, LineMoney(currency, None)).plus(money)
        workbook = _all_together(currency, None, (group.workbook for group in of_it))
        together.append((MoneyGroup(currency, None, parts, workbook), of_it))
    return together


_Group = tuple[str | None, str | None]


def _add(parts: dict[_Group, dict[str, list[LineMoney]]], state: str, found: Iterable[LineMoney]) -> None:
    for money in found:
        parts.setdefault((money.currency, money.period), {}).setdefault(state, []).append(money)


def _lines_of(document: Document) -> tuple[LineMoney, ...]:
    if document.money or document.debit is None or document.credit is None:
        return document.money
    lines = len(document.rows)
    return (LineMoney(document.currency, document.period, lines, document.debit, document.credit),)


def _all_together(currency: str | None, period: str | None, parts: Iterable[LineMoney]) -> LineMoney:
    found = list(parts)
    with localcontext(EXACT):
        debit, credit, no_side = (
            sum(map(attrgetter(name), found), Decimal(0)) for name in ("debit", "credit", "no_side")
        )
    lines, unreadable, blank = (sum(map(attrgetter(name), found)) for name in ("lines", "unreadable", "blank"))
    return LineMoney(currency, period, lines, debit, credit, no_side, unreadable, blank)


WIDTH_OF_BAR = 1000
LEAST_OF_BAR = 6
"""So that one journal among thousands is seen."""


def bar_of(result: Result) -> list[tuple[Status, float, float]]:
    """The documents by state as one bar: where each state's part begins and how wide it is."""
    counts = [(status, count) for status, count in result.documents_by_status().items() if count]
    weights = [max(count / len(result.documents) * WIDTH_OF_BAR, LEAST_OF_BAR) for _, count in counts]
    scale, parts, at = WIDTH_OF_BAR / (sum(weights) or 1), [], 0.0
    for (status, _), weight in zip(counts, weights, strict=True):
        parts.append((status, round(at, 1), round(weight * scale, 1)))
        at += weight * scale
    return parts


def bar_words(result: Result, language: Language) -> str:
    counts = result.documents_by_status().items()
    return ", ".join(
        f"{status_words(status, language, result.documents)} {count_text(count, language)}"
        for status, count in counts
        if count
    )


PARTS = 100
"""Into so many parts of equal length a sheet is divided at most."""
HEIGHTS = (6, 12, 18, 24)
"""Of a part of the strip with errors in under a quarter, a half, three quarters of its rows, or more."""


@dataclass(frozen=True, slots=True)
class RowSpan:
    """Rows of a sheet that lie together, of which `wrong` have errors; where they lie on the strip (of `PARTS`
    parts), and how high they stand there."""

    first: int
    last: int
    wrong: int
    place: int
    height: int


@dataclass(frozen=True, slots=True)
class HeatStrip:
    """Where on a sheet the errors are: its parts that have any, out of `parts`, and the one that has most."""

    file: str
    sheet: str
    last_row: int
    wrong: int
    parts: int
    spans: tuple[RowSpan, ...]
    worst: RowSpan


def heat_strips(result: Result) -> list[HeatStrip]:
    """A strip for each sheet that has rows with errors, in the order in which the sheets were read."""
    last_rows: dict[tuple[str, str | None], int] = {}
    for document in result.documents:
        spot = document.file, document.sheet
        last_rows[spot] = max(last_rows.get(spot, 0), *document.rows, 0)
    wrong: dict[tuple[str, str], set[int]] = {}
    for problem in result.problems:
        place = problem.place
        is_wrong = problem.blocks and not problem.waits
        if is_wrong and place.sheet is not None and place.row is not None:
            wrong.setdefault((place.file, place.sheet), set()).add(place.row)
    order = sheet_order(result)
    return [
        _strip(*spot, max(last_rows.get(spot, 0), *wrong[spot]), wrong[spot])
        for spot in sorted(wrong, key=lambda spot: order(*spot))
    ]


def _strip(file: str, sheet: str, last_row: int, wrong: set[int]) -> HeatStrip:
    length = -(-last_row // PARTS)
    counts = Counter((row - 1) // length for row in wrong)
    spans = []
    for place, count in sorted(counts.items()):
        first, last = place * length + 1, min((place + 1) * length, last_row)
        height = HEIGHTS[min(count * len(HEIGHTS) // (last - first + 1), len(HEIGHTS) - 1)]
        spans.append(RowSpan(first, last, count, place, height))
    worst = max(spans, key=lambda one: one.wrong)
    return HeatStrip(file, sheet, last_row, len(wrong), -(-last_row // length), tuple(spans), worst)


def strip_words(strip: HeatStrip, language: Language) -> str:
    """What a strip shows, in words."""
    wrong, last = count_text(strip.wrong, language), count_text(strip.last_row, language)
    span = range(strip.worst.first, strip.worst.last + 1)
    rows = said(language, "report.rows", count=str(len(span)), rows=rows_text(span, language))
    name = "strip-even" if strip.wrong > 1 and len({span.wrong for span in strip.spans}) == 1 else "strip"
    return said(
        language, f"report.pictures.{name}", count=wrong, sheet=shortened(strip.sheet, 60), last=last, rows=rows
    )


CODE_FIELDS = ("account", *DIMENSION_FIELDS)
MOST_CODES = 12


@dataclass(frozen=True, slots=True)
class CodeAmounts:
    """The debits and credits of one code (`""`: of none), and how wide each is drawn beside the greatest, from 0 to
    100. `code` is None for all the codes for which there is no room."""

    code: str | None
    debit: Decimal
    credit: Decimal
    debit_width: float
    credit_width: float


def line_pictures(result: Result) -> tuple[int, int, list[tuple[str, str, tuple[CodeAmounts, ...]]]]:
    """How many journals that are posted, or ready to be, have lines in the result; how many of them there are; and what
    those lines move by the codes of each field (the account, each dimension that any line has) and currency, which are
    never added to each other."""
    states = {(one.file, one.sheet, one.key): one.status for one in result.documents if one.kind == JOURNAL}
    shown = [one for one in result.lines if states.get((one.file, one.sheet, one.key)) in LEDGER_ORDER]
    named = [field for field in CODE_FIELDS if any(field in one.fields for one in shown)]
    sums: dict[tuple[str, str], dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(lambda: [Decimal(0)] * 2))
    with localcontext(EXACT):
        for journal in shown:
            nothing = ("",) * len(journal.lines)
            columns = dict(zip(journal.fields, zip(*(texts for _, texts in journal.lines), strict=True), strict=False))
            amounts = [Decimal(text or 0) for text in columns.get("amount", nothing)]
            facts = zip(columns.get("currency", nothing), columns.get("transaction", nothing), amounts, strict=True)
            lines = [(currency, side != "D", amount) for currency, side, amount in facts]
            for field in named:
                for code, (currency, is_credit, amount) in zip(columns.get(field, nothing), lines, strict=True):
                    sums[field, currency][code][is_credit] += amount
    fields = {field for (field, _), of_codes in sums.items() if any(of_codes)}
    by_code = [
        (field, currency, _drawn(sums[field, currency]))
        for field in named
        for currency in sorted({currency for _, currency in sums})
        if field in fields
    ]
    return len(shown), sum(status in LEDGER_ORDER for status in states.values()), by_code


def _drawn(sums: Mapping[str, Sequence[Decimal]]) -> tuple[CodeAmounts, ...]:
    """The codes that move most, then the others together, each with its width."""
    most = sorted(sums.items(), key=lambda one: (-max(map(abs, one[1])), one[0]))
    codes: list[tuple[str | None, Sequence[Decimal]]] = [*most[:MOST_CODES]]
    if others := most[MOST_CODES:]:
        debits, credits = zip(*(both for _, both in others), strict=True)
        codes.append((None, (reduce(EXACT.add, debits), reduce(EXACT.add, credits))))
    greatest = max(abs(amount) for _, both in codes for amount in both) or Decimal(1)
    return tuple(
        CodeAmounts(code, debit, credit, *(round(float(abs(amount) / greatest) * 100, 2) for amount in (debit, credit)))
        for code, (debit, credit) in codes
    )


LANES = {
    "login": ("login",),
    "journals": ("post_journal",),
    "ledger": ("get_journal_range", "list_journal_periods"),
    "changes": tuple(
        f"{action}_{record}"
        for record in ("dimension_code", "address", "document")
        for action in ("create", "update", "delete", "link")
    ),
    "lists": (),
}
"""The requests of a run by what they are for; the last lane has whatever else is asked."""


Lane = tuple[str, int, int, Sequence[tuple[float, float, bool]]]
"""The requests for one thing: its name, how many, and how many of them had no result; and where each begins and how
wide it is on a line of `WIDTH_OF_BAR` from the run's beginning to its end, and whether it had one."""


def timeline(result: Result) -> list[Lane]:
    """The run over time: its requests in the order in which their lanes begin, failed ones drawn last."""
    made = result.evidence.requests if result.evidence else ()
    if not made:
        return []
    start = min(result.started_at, *(one.began_at for one in made))
    seconds = max((max(result.finished_at, *(one.ended_at for one in made)) - start).total_seconds(), 0.001)
    lane_of = {operation: name for name, operations in LANES.items() for operation in operations}
    lanes: dict[str, list[tuple[int, float, float, bool]]] = {}
    for one in sorted(made, key=lambda one: one.began_at):
        x = (one.began_at - start).total_seconds() / seconds * WIDTH_OF_BAR
        width = max((one.ended_at - one.began_at).total_seconds() / seconds * WIDTH_OF_BAR, LEAST_OF_BAR / 2)
        bar = (one.count, round(min(x, WIDTH_OF_BAR - width), 1), round(width, 1), one.outcome == "200")
        lanes.setdefault(lane_of.get(one.operation, "lists"), []).append(bar)
    return [
        (
            name,
            sum(count for count, *_ in bars),
            sum(count for count, _, _, is_good in bars if not is_good),
            sorted(((x, width, is_good) for _, x, width, is_good in bars), key=lambda bar: not bar[2]),
        )
        for name, bars in lanes.items()
    ]


def lane_words(lane: Lane, language: Language) -> str:
    """What a lane shows, in words."""
    name, requests, failed, _ = lane
    words = [said(language, "report.timeline.requests", count=count_text(requests, language))]
    if failed:
        words.append(said(language, "report.timeline.failed", count=count_text(failed, language)))
    return f"{said(language, f'report.timeline.{name}')}: {', '.join(words)}"
