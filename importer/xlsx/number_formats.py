"""What a number format makes of a number: a day, a length of time, or another number or text than the cell holds."""

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

BUILT_IN_FORMATS = {
    **dict(enumerate(("General", "0", "0.00", "#,##0", "#,##0.00"))),
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    **dict(enumerate(("0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??"), start=9)),
    **dict(enumerate(("mm-dd-yy", "d-mmm-yy", "d-mmm", "mmm-yy"), start=14)),
    **dict(enumerate(("h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "m/d/yy h:mm"), start=18)),
    # Those of East Asia: dates whose look depends on the country.
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "mm-dd-yy"),
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)',
    **dict(enumerate(("mm:ss", "[h]:mm:ss", "mmss.0", "##0.0E+0", "@"), start=45)),
}
"""Number formats by their numbers, as Excel in English shows them (ECMA-376, 18.8.30)."""


class Meaning(enum.Enum):
    """What a number is by its format."""

    NUMBER = enum.auto()
    MOMENT = enum.auto()
    LENGTH = enum.auto()


# What stands in quotes or in brackets is no part of a date, but for [h], [m] and [s], which count on beyond a day.
_LITERAL = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_PART_OF_DATE = re.compile(r"(?<![_\\])[dmhys]", re.I)
_DAY = re.compile(r"(?<![_\\d])d{1,2}(?!d)", re.I)
_MONTH = re.compile(r"(?<![_\\])m", re.I)
_FIGURES = re.compile(r'"[^"]*[0-9][^"]*"|\\[0-9]')
_HAS_CONDITION = re.compile(r"\[[<>=]")
_COUNTS_ON = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.I)
_LONGEST_FORMAT = 1_000
"""Excel takes 255 characters; brackets that never close take the square of their number."""


@cache
def meaning_of_format(code: str) -> Meaning:
    """The meaning of a number in a format such as `yyyy-mm-dd` or `#,##0.00 "kr/d"`; its first section counts. Raises
    ValueError for one that is too long."""
    if len(code) > _LONGEST_FORMAT:
        raise ValueError("a format that Excel could not hold")
    first = _LITERAL.sub("", code).partition(";")[0]
    if not _PART_OF_DATE.search(first):
        return Meaning.NUMBER
    return Meaning.LENGTH if _COUNTS_ON.search(first) else Meaning.MOMENT


def shows_date(code: str) -> bool:
    """False for a format of moments that leaves the day or the month out, such as `mmm-yy` or `dddd`, writes figures of
    its own, or shows some moments otherwise than others."""
    shown = _LITERAL.sub("", code).partition(";")[0]
    has_parts = _DAY.search(shown) is not None and _MONTH.search(shown) is not None
    return has_parts and not _FIGURES.search(code) and not _HAS_CONDITION.search(code)


_PIECE_OF_FORMAT = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[([^\]]*)\]|(General)|(.)', re.S | re.I)
"""A text in quotes, an escaped character, a space as wide as a character, a filling, a currency, a colour or condition,
the number as it is, or any other character of a format (ECMA-376, 18.8.31)."""

_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)")
_CONDITIONS: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__,
    "<=": float.__le__,
    ">": float.__gt__,
    ">=": float.__ge__,
    "=": float.__eq__,
    "<>": float.__ne__,
}
_SCALED = re.compile(r"%|[0#?],+(?:\.|[^0#?,.]*$)")
_DECIMALS = re.compile(r"[0#]\.(0+)[^0#?,.%Ee]*$")
_DECIMALS_OF_PERCENT = re.compile(r"\.(0+)%")
_DIGITS = frozenset("0#")
_PLACES = frozenset("0#?")
_NOT_SHOWN_PLAIN = frozenset(",.%?@Ee*/")
_OTHER_THAN_PLACES = frozenset("@Ee/")
_MINUS = ("-", "\u2212", "\u2013")
_SEPARATES_GROUPS = re.compile(r"[\s'\u2019]+|,(?=000(?:[^0]|$)|00[,\s])")
_UNITS = frozenset("k m mm mdp mil miles millones millares thousand thousands million millions milliers".split())
"""Words with which a format shows thousands or millions; nobody else writes one of them alone behind an amount."""

CURRENCIES = frozenset("ARS BRL CAD CHF CLP CNY COP CRC EUR GBP GTQ HNL JPY MXN NIO PEN USD UYU".split())
"""The codes of ISO 4217 that are looked for in number formats and above headings."""

_SIDES = frozenset(("DR", "CR"))
"""What a format writes beside a debit or credit; one letter alone means another side in another language."""

_CURRENCY_SIGNS = {"US$": "USD", "€": "EUR", "£": "GBP", "R$": "BRL", "MX$": "MXN"}
"""Signs of one currency; $ and ¥ are those of several."""


@dataclass(frozen=True, slots=True)
class NumberLook:
    """What a section of a number format makes of a number.

    `is_other` when people see another number than the cell holds: per cent, thousands or millions, another sign, other
    digits, or none at all. `currency` is the code of the currency it shows (empty: none that is certain), `side` is
    `DR` or `CR` where it writes that (else empty). `pieces` are
    those of a format of whole numbers with leading zeros, without a 0 or with texts of its own: `0` and `#` for digits,
    `=` before a text; none of other formats. `decimals` are those that are always shown, `percent` those of a
    percentage (None: it is none).
    """

    is_other: bool
    currency: str
    pieces: tuple[str, ...]
    decimals: int = 0
    percent: int | None = None
    side: str = ""

    def shown(self, number: float) -> str | None:
        """A whole number as it is shown with its leading zeros and texts, another one with the zeros at its end, a
        percentage; None where the format has none."""
        if self.percent is not None:
            return f"{Decimal(repr(number)) * 100:.{self.percent}f}%"
        if self.decimals and not number.is_integer():
            return f"{number:.{self.decimals}f}"
        if not self.pieces or number < 0 or not number.is_integer():
            return None
        left, shown = list(f"{number:.0f}") if number else [], list[str]()
        first = next(at for at, piece in enumerate(self.pieces) if piece in _DIGITS)
        for at in range(len(self.pieces) - 1, -1, -1):
            piece = self.pieces[at]
            if piece in _DIGITS:
                shown.append(left.pop() if left else piece.replace("#", ""))
                shown += reversed(left if at == first else [])
            else:
                shown.append(piece[1:])
        return "".join(reversed(shown))


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of a format: its own condition, the look of what it shows, and of a negative number, before which a
    section of its own writes no minus."""

    condition: Callable[[float], bool] | None
    look: NumberLook | None
    look_of_negative: NumberLook | None


def look_of_format(code: str, number: float) -> NumberLook | None:
    """What a number format makes of a number, None where it shows it as it is: digits with separators, rounded, with a
    sign that several currencies have."""
    sections = _sections_of(code)
    conditional = [one for one in sections if one.condition is not None]
    if conditional:
        return next((one for one in conditional if one.condition and one.condition(number)), sections[-1]).look
    if number < 0 and len(sections) > 1:
        return sections[1].look_of_negative
    return sections[2 if number == 0 and len(sections) > 2 else 0].look


@cache
def shows_some_otherwise(code: str) -> bool:
    """False for a format that shows every number as it is."""
    first, *others = _sections_of(code)
    return first.look is not None or any(one.look is not None or one.look_of_negative is not None for one in others)


@cache
def _sections_of(code: str) -> tuple[_Section, ...]:
    """The sections of a format that are about numbers: positive, negative, zero."""
    sections: list[list[tuple[str, ...]]] = [[]]
    for piece in _PIECE_OF_FORMAT.findall(code or "General"):
        if piece[-1] == ";":
            sections.append([])
        else:
            sections[-1].append(piece)
    return tuple(map(_section, sections[:3], range(3)))


def _section(found: list[tuple[str, ...]], place: int) -> _Section:
    section, pieces, texts, layout = "", list[str](), list[str](), list[tuple[bool, str]]()
    condition, has_colour = None, False
    for quoted, escaped_mark, currency, bracket, general, mark in found:
        if bracket:
            condition = _condition(bracket) or condition
            has_colour = has_colour or not _CONDITION.fullmatch(bracket)
            continue
        section += "0" if general else mark
        if general:
            pieces.append("0")
        elif text := quoted or escaped_mark or currency or mark:
            pieces.append(text if mark in _DIGITS else f"={text}")
            texts += [] if mark and mark not in _CURRENCY_SIGNS else [text]
        is_place = bool(general) or bool(mark and mark in "0#?.,%@Ee/")
        layout.append((is_place, "0" if general else quoted or escaped_mark or currency or mark))
    words = {word for text in texts for word in (text.strip(), *re.findall("[A-Z]{3}", text))}
    currencies = {_CURRENCY_SIGNS.get(word, word) for word in words} & CURRENCIES
    has_texts = any(piece not in _DIGITS and re.search(r"[\w-]", piece) for piece in pieces)
    is_whole = bool(_DIGITS & set(section)) and not _NOT_SHOWN_PLAIN & set(section)
    percent = _DECIMALS_OF_PERCENT.search(section)
    is_other, has_sign = _shows_another(section, layout)
    around = "".join("0" if is_place else text for is_place, text in layout).upper().split("0")
    sides = {text.strip(" .\u00a0") for text in around} & _SIDES
    look = NumberLook(
        is_other=is_other or has_sign,
        currency=currencies.pop() if len(currencies) == 1 else "",
        pieces=tuple(pieces) if is_whole and (has_texts or section.count("0") != 1) else (),
        decimals=len(decimals[1]) if (decimals := _DECIMALS.search(section)) is not None else 0,
        percent=None if "%" not in section else len(percent[1]) if percent is not None else 0,
        side=sides.pop() if len(sides) == 1 else "",
    )
    if place == 2:
        return _Section(condition, None, None)
    of_negative = replace(look, is_other=is_other or not (has_sign or has_colour), pieces=())
    return _Section(condition, _if_it_tells(look), _if_it_tells(of_negative))


def _if_it_tells(look: NumberLook) -> NumberLook | None:
    tells = look.is_other or look.currency or look.pieces or look.decimals > 1 or look.percent is not None or look.side
    return look if tells else None


def _condition(bracket: str) -> Callable[[float], bool] | None:
    found = _CONDITION.fullmatch(bracket)
    if found is None:
        return None
    holds, limit = _CONDITIONS[found[1]], float(found[2])
    return lambda number: holds(number, limit)


def _shows_another(section: str, layout: list[tuple[bool, str]]) -> tuple[bool, bool]:
    """Whether a section shows another number than the cell holds, and whether it writes a sign itself: a minus, or
    brackets around the number. `layout` are its pieces, each with whether the number fills it."""
    places = [at for at, (is_place, text) in enumerate(layout) if is_place and text in _PLACES]
    if not places:
        return "@" not in section, False
    literals = [text for is_place, text in layout if not is_place]
    if _OTHER_THAN_PLACES & set(section):
        return _SCALED.search(section) is not None, False
    before = "".join(text for is_place, text in layout[: places[0]] if not is_place).strip()
    after = "".join(text for is_place, text in layout[places[-1] + 1 :] if not is_place).strip()
    within = "".join(
        "0" if is_place and text in _PLACES else text if is_place else text.replace(".", "!")
        for is_place, text in layout[places[0] : places[-1] + 1]
        if not (is_place and text in ",%")
    )
    between = _SEPARATES_GROUPS.sub("", within)
    is_other = (
        _SCALED.search(section) is not None
        or re.fullmatch(r"0*(\.0*)?", between) is None
        or any(re.search("[0-9%]", text) for text in literals)
        or after.strip(".").casefold() in _UNITS
    )
    is_in_brackets = "(" in before and after.startswith(")")
    return is_other, is_in_brackets or before.startswith(_MINUS) or before.endswith(_MINUS) or after.startswith(_MINUS)
