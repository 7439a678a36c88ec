"""The cell rules of a form as a pandera schema, and what it finds as problems: each check is named by the problem code
that it leads to."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from importer.model.problems import Problem
from importer.model.workbook import CellText, FormSheet
from importer.templates.forms import Column, Form, Kind
from importer.validate.value_suggestions import SIDE, amounts_in, choice_of, code_before_name, day_in, period_of
from importer.xlsx.fast_reader import import_polars

if TYPE_CHECKING:
    import pandera.polars as pa
    import polars as pl

    Claim = Callable[[pl.Expr], pl.Expr]


MOST_DIGITS = 15
"""Excel keeps 15 significant digits of a number."""

# Control characters, line and paragraph separators, soft hyphens, blanks that nobody sees and the marks that turn the
# reading direction. The two that join or part letters (U+200C, U+200D) belong to some scripts and to emoji.
INVISIBLE = (
    r"[\x00-\x1f\x7f-\x9f\u{00ad}\u{034f}\u{061c}\u{115f}\u{1160}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}"
    r"\u{2060}-\u{206f}\u{2800}\u{3164}\u{feff}\u{ffa0}]"
)
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_ISO_DAY = r"^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"


def rules_of(column: Column, last_period: int) -> "Iterator[tuple[str, Claim]]":
    """The rules of a column, most telling first: of several that fail on a cell the first is the problem. A rule is a
    problem code, and what makes the Boolean expression that a good cell fulfils of the column's; blank cells are not
    asked. `last_period` is that of a year (12, or more where the ledger has adjustment periods)."""
    yield ("control-character", lambda text: ~text.str.contains(INVISIBLE))
    match column.kind:
        case Kind.INTEGER:
            pattern = r"^[1-9][0-9]{0,8}$" if column.least > 0 else r"^(0|[1-9][0-9]{0,8})$"
            yield ("not-an-integer", lambda text: text.str.contains(pattern))
        case Kind.AMOUNT:
            yield ("not-a-number", lambda text: text.str.contains(_NUMBER))
            yield ("not-positive", lambda text: ~text.str.contains(r"^-|^0*(\.0*)?$"))
            yield ("too-many-decimals", lambda text: ~text.str.contains(r"\.[0-9]{3}"))
            yield ("too-long", lambda text: text.str.count_matches("[0-9]") <= MOST_DIGITS)
        case Kind.DATE:
            yield ("not-a-date", _is_day)
        case Kind.PERIOD:
            numbers = "|".join(f"{number:03d}" for number in range(1, last_period + 1))
            yield ("bad-period", lambda text: text.str.contains(f"^[1-9][0-9]{{3}}({numbers})$"))
        case Kind.CHOICE:
            # The reader hands a column's own choices on in capitals (`model.workbook.CellText`).
            choices = [choice.upper() for choice in column.choices]
            yield ("bad-choice", lambda text: text.is_in(choices))
        case Kind.KEY | Kind.CODE | Kind.TEXT | Kind.FILES:
            pass
    if column.length is not None:
        limit = column.length
        yield ("too-long", lambda text: text.str.len_chars() <= limit)


def _is_day(text: "pl.Expr") -> "pl.Expr":
    is_real = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return text.is_null() | (text.str.contains(_ISO_DAY) & is_real)


REQUIRED = "required"


@cache
def schema_of(form: Form, fields: tuple[str, ...], last_period: int) -> "pa.DataFrameSchema":
    """The schema of a form's columns that stand on a sheet; a required column may hold no null."""
    import pandera.polars as pa
    import polars as pl

    def check(code: str, claim: "Claim") -> pa.Check:
        # pandera hands a check the frame and the column's name and wants a frame of one Boolean column back.
        return pa.Check(lambda data: data.lazyframe.select(claim(pl.col(data.key))), name=code)

    columns = {}
    for field in fields:
        column = form.column(field)
        checks = [check(*rule) for rule in rules_of(column, last_period)]
        columns[field] = pa.Column(pl.String, checks=checks, nullable=not column.required)
    return pa.DataFrameSchema(columns)


@cache
def schema_of_rows(form: Form, fields: tuple[str, ...], last_period: int) -> "pa.DataFrameSchema":
    """All the rules of `schema_of` as one: it says only whether each row is good, in a tenth of the time."""
    import pandera.polars as pa
    import polars as pl

    claims = []
    for field in fields:
        column, text = form.column(field), pl.col(field)
        claims += [text.is_not_null()] if column.required else []
        claims += [text.is_null() | claim(text) for _, claim in rules_of(column, last_period)]
    return pa.DataFrameSchema(checks=pa.Check(lambda data: data.lazyframe.select(pl.all_horizontal(claims))))


class _Fault(NamedTuple):
    """A cell that breaks a rule: position in the sheet's lists, field, problem code."""

    position: int
    field: str
    code: str


def cell_problems(
    sheet: FormSheet, form: Form, last_period: int, documents: Sequence[str] | None = None
) -> list[Problem]:
    """One problem for each bad cell of a sheet, in reading order of its rows. Cells the reader already complained of
    are passed over. `documents` are the keys of the rows' documents by position, where they are known."""
    scale = 1 if sheet.mapping is None else sheet.mapping.scale

    @cache
    def amounts(field: str) -> Mapping[str, str]:
        return amounts_in(sheet.columns[field], set(sheet.columns.get("currency", ())))

    @cache  # the same mistake with the same text is made in many rows
    def shown(code: str, field: str, text: CellText) -> _Shown:
        suggestion, wording, facts = _texts_of(code, form.column(field), text, last_period, scale)
        return amounts(field).get(text or "") if code == "not-a-number" else suggestion, wording, facts

    problems = []
    for position, field, code in sorted(_first_faults(sheet, form, last_period).values()):
        row, text = sheet.rows[position], sheet.columns[field][position]
        if (row, field) not in sheet.unusable:
            document = None if documents is None else documents[position]
            problems.append(Problem(code, sheet.place(row, field), document, text, *shown(code, field, text)))
    return problems


def _first_faults(sheet: FormSheet, form: Form, last_period: int) -> dict[tuple[int, str], _Fault]:
    faults: dict[tuple[int, str], _Fault] = {}
    codes = {
        field: [REQUIRED, *(code for code, _ in rules_of(form.column(field), last_period))] for field in sheet.columns
    }
    for fault in _faults(sheet, form, last_period):
        known, order = faults.get(fault[:2]), codes[fault.field].index
        if known is None or order(fault.code) < order(known.code):
            faults[fault[:2]] = fault
    return faults


def import_rules() -> None:
    """Imports what checks the cells, for whoever has time for it before; checking does it otherwise."""
    import_polars()
    import_module("pandera.polars")


def _faults(sheet: FormSheet, form: Form, last_period: int) -> Iterator[_Fault]:
    """All rules that cells break. Of a column in which texts repeat, each text is checked once."""
    # A blank column breaks no rule, unless it is required.
    columns = {field: texts for field, texts in sheet.columns.items() if form.column(field).required or any(texts)}
    once = _texts_once(columns)
    yield from _failures({field: texts for field, texts in columns.items() if field not in once}, form, last_period)
    codes: dict[str, dict[CellText, list[str]]] = {}
    longest = max(map(len, once.values()), default=0)
    padded = {field: texts + texts[:1] * (longest - len(texts)) for field, texts in once.items()}
    for place, field, code in _failures(padded, form, last_period):
        if place < len(once[field]):
            codes.setdefault(field, {}).setdefault(once[field][place], []).append(code)
    for field, of_texts in codes.items():
        for position, text in enumerate(columns[field]):
            if text in of_texts:
                yield from (_Fault(position, field, code) for code in of_texts[text])


def _texts_once(columns: Mapping[str, Sequence[CellText]]) -> dict[str, list[CellText]]:
    """Of the columns of a large sheet in which most texts repeat each text once, blank (None) among them."""
    once = {}
    for field, texts in columns.items():
        distinct = list(dict.fromkeys(texts)) if len(texts) > _MANY_ROWS else []
        if distinct and len(distinct) * _REPEATED <= len(texts):
            once[field] = distinct
    return once


_MANY_ROWS = 1000
_REPEATED = 4
"""On a sheet of so many rows a column is checked by its distinct texts, if each stands in so many rows on average."""


def _failures(columns: Mapping[str, Sequence[CellText]], form: Form, last_period: int) -> Iterator[_Fault]:
    """What the schema finds in columns of one length."""
    if not columns:
        return
    import_rules()
    import pandera.polars as pa
    import polars as pl

    fields = tuple(columns)
    frame = pl.DataFrame(columns, schema=dict.fromkeys(fields, pl.String))
    try:
        schema_of_rows(form, fields, last_period).validate(frame)
        return
    except pa.errors.SchemaError:
        pass
    try:
        schema_of(form, fields, last_period).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.select("index", "column", "check")
        for index, field, check in cases.iter_rows():
            yield _Fault(int(index), field, REQUIRED if check == "not_nullable" else check)


_Shown = tuple[str | None, str, dict[str, str]]
"""What is told of a mistake: suggestion, wording and facts."""


def _texts_of(code: str, column: Column, text: str | None, last_period: int, scale: int) -> _Shown:
    wording, facts, suggestion = code, dict[str, str](), None
    match code:
        case "required":
            wording, facts = "required.empty", {"heading": column.name}
        case "not-a-number":
            wording = f"{code}.separators" if re.search("[0-9]", text or "") else f"{code}.text"
        case "too-many-decimals" if scale != 1:
            wording, facts = f"{code}.scaled", {"scale": str(scale)}
        case "too-many-decimals" if re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}", text or ""):
            wording = f"{code}.thousands"
        case "not-positive":
            wording, facts = _not_positive(column, text or "")
        case "not-a-date":
            suggestion = day_in(text or "")
            wording = _not_a_date(text or "") if suggestion is None else "not-a-date.as"
            facts = {} if suggestion is None else {"suggestion": suggestion}
        case "bad-period":
            suggestion = period_of(text or "", last_period)
            wording, facts = _period_wording(text or "", suggestion, last_period)
        case "not-an-integer" if column.least == 0:
            wording = f"{code}.from-nought"
        case "bad-choice":
            suggestion = choice_of(column, text or "")
            if column.name == SIDE:
                wording = "bad-choice.side"
            else:
                facts = {"choices": ", ".join(column.choices)}
        case "too-long":
            wording, facts = _too_long(column, text or "")
            if wording == "too-long.code":
                suggestion = code_before_name(text or "", column.length or 0)
        case "control-character":
            found = re.search(INVISIBLE.replace("{", "").replace("}", ""), text or "")
            facts = {"character": f"U+{ord(found[0]):04X}" if found else "?"}
    return suggestion, wording, facts


def _not_a_date(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return "not-a-date.year" if re.match("0|1[0-8]", text) else "not-a-date.never-was"
    return "not-a-date.number" if re.fullmatch(r"-?[0-9.]+", text) else "not-a-date.text"


_OTHER_SIDE = {"debit": "credit", "credit": "debit"}


def _not_positive(column: Column, text: str) -> tuple[str, dict[str, str]]:
    if not text.startswith("-"):
        return "not-positive.zero", {}
    if column.name in _OTHER_SIDE:
        return "not-positive.other-side", {"heading": _OTHER_SIDE[column.name]}
    if column.name != "amount":
        return "not-positive.plain", {}
    return "not-positive.negative", {"heading": "transaction"}


def _period_wording(text: str, suggestion: str | None, last_period: int) -> tuple[str, dict[str, str]]:
    if suggestion is not None:
        return "bad-period.month", {"suggestion": suggestion}
    if re.fullmatch("[1-9][0-9]{6}", text):
        return "bad-period.range", {"last": f"{last_period:03d}"}
    return "bad-period.text", {}


_NEW_CODES = frozenset(("code", "addressCode"))
"""The code of the record that the row makes: any other is one that the company has already."""


def _too_long(column: Column, text: str) -> tuple[str, dict[str, str]]:
    if column.kind is Kind.AMOUNT:
        return "too-long.amount", {}
    if re.fullmatch(f"[0-9]{{{MOST_DIGITS + 1},}}", text):
        return "too-long.digits", {}
    is_name = column.kind is Kind.CODE and column.name not in _NEW_CODES
    wording = "too-long.code" if is_name else "too-long.text"
    return wording, {"length": str(len(text)), "limit": str(column.length)}
