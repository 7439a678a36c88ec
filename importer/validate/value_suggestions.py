"""What a text that is no value of its column certainly stands for, where only one reading is possible: a suggestion,
never taken by itself."""

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal

from importer.model.journals import Action, Side
from importer.templates.forms import Column, fold_heading

SIDE = "transaction"
_WORDS = {
    SIDE: {
        Side.DEBIT.value: "cargo cargos debe debito deudor debit debiter dr db",
        Side.CREDIT.value: "a abono abonos h haber credito acreedor credit crediter cr",
    },
    "action": {
        Action.CREATE.value: "crear alta nuevo nueva agregar creer creation nouveau ajouter new add insert",
        Action.UPDATE.value: "actualizar modificar cambiar cambio actualiser mettreajour modifier change modify",
        Action.DELETE.value: "borrar eliminar baja suprimir supprimer effacer remove",
    },
    "prohibitPosting": {"1": "si yes oui true verdadero vrai", "0": "no non false falso faux"},
}


def choice_of(column: Column, text: str) -> str | None:
    """The choice that a word certainly stands for, None when it is not certain."""
    word = fold_heading(text)
    choices = _WORDS.get(column.name, {})
    return next((choice for choice, words in choices.items() if word in words.split()), None)


_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})[ T]00:00(:00(\.0+)?)?",
        r"(?P<y>(19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        r"(?P<y>(19|20)[0-9]{2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})",
        r"(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<y>(19|20)[0-9]{2})",
        r"(?P<m>[0-9]{1,2})(?P<s>[-/.])(?P<d>[0-9]{1,2})(?P=s)(?P<y>(19|20)[0-9]{2})",
    )
)


def day_in(text: str) -> str | None:
    """The only day (`2018-06-30`) that a text can be: ISO with midnight or without its marks, or day, month and year in
    an order that one of the numbers settles (a day above 12, or equal to the month). None for several or none."""
    days = set()
    for found in (pattern.fullmatch(text) for pattern in _DAYS):
        if found is not None:
            with suppress(ValueError):
                days.add(date(int(found["y"]), int(found["m"]), int(found["d"])))
    return days.pop().isoformat() if len(days) == 1 else None


def period_of(text: str, last_period: int) -> str | None:
    """The period that a text certainly means: `2018-06`, `2018-06-30`, `2018/06`, `06/2018`, `006/2018`, `201806` and
    `0062018` are June 2018; None when it is not certain."""
    for pattern in (
        r"(?P<year>[1-9][0-9]{3})[-/.](?P<month>[0-9]{1,2})([-/.][0-9]{1,2})?",
        r"(?P<month>0?[0-9]{1,2})[-/.](?P<year>[1-9][0-9]{3})",
        r"(?P<year>[1-9][0-9]{3})[-/.](?P<month>0[0-9]{2})",
        r"(?P<year>(19|20)[0-9]{2})(?P<month>[0-9]{2})",
        r"(?P<month>0[0-9]{2})(?P<year>(19|20)[0-9]{2})",
    ):
        found = re.fullmatch(pattern, text)
        if found and 1 <= int(found["month"]) <= min(12, last_period):
            return f"{found['year']}{int(found['month']):03d}"
    return None


_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_THOUSANDS_OR_DECIMALS = re.compile(r"[0-9]{1,3}\.[0-9]{3}")
_CURRENCY = re.compile(r"(?P<before>\$|[A-Z]{3}\b)?\s*(?P<amount>[0-9][0-9.,\s]*?)\s*(?P<after>[A-Z]{3})?")
_GRAMMARS = (
    re.compile(r"(?P<whole>[0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.(?P<cents>[0-9]{1,2}))?"),
    re.compile(r"(?P<whole>[0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,(?P<cents>[0-9]{1,2}))?"),
    re.compile(r"(?P<whole>[0-9]{1,3}(\s[0-9]{3})+|[0-9]+)(,(?P<cents>[0-9]{1,2}))?"),
    re.compile(r"(?P<whole>[0-9]{1,3}(\s[0-9]{3})+|[0-9]+)(\.(?P<cents>[0-9]{1,2}))?"),
)
"""`1,234.56`, `1.234,56`, `1 234,56` and `1 234.56`: groups of exactly three digits, at most two decimals."""


def amounts_in(texts: Iterable[str | None], currencies: Collection[str | None]) -> dict[str, str]:
    """The plain amounts of a column's texts that are none, where the whole column is written in one way and that is the
    only one; empty otherwise. A peso sign, or the three letters with which all `currencies` begin, may stand beside an
    amount; any other currency, a sign or a bracket leaves the column without an answer."""
    odd = set()
    for text in filter(None, set(texts)):
        if not _PLAIN.fullmatch(text):
            odd.add(text)
        elif text[-4:-3] == "." and _THOUSANDS_OR_DECIMALS.fullmatch(text):
            return {}
    bare = {text: _without_currency(text, currencies) for text in odd}
    fitting = [one for one in _GRAMMARS if all(amount and one.fullmatch(amount) for amount in bare.values())]
    found = {}
    for text, amount in bare.items():
        values = {_value(one.fullmatch(amount or "")) for one in fitting}
        if len(values) == 1 and (value := values.pop()) is not None:
            found[text] = value
    return found


def _without_currency(text: str, currencies: Collection[str | None]) -> str | None:
    found = _CURRENCY.fullmatch(text)
    if found is None:
        return None
    names = {found["before"], found["after"]} - {None, "$"}
    is_of_all = all(code is not None and code.startswith(str(name)) for name in names for code in currencies)
    return found["amount"] if is_of_all else None


def _value(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    whole, cents = re.sub(r"\D", "", found["whole"]), found["cents"]
    return f"{Decimal(f'{whole}.{cents}' if cents else whole):f}"


_CODE_AND_NAME = re.compile(r"(?P<code>[A-Z0-9][A-Z0-9.]*)\s+[-–—:|]\s+(?P<name>[^0-9].*)")


def code_before_name(text: str, longest: int) -> str | None:
    """The code of `101110 - General Cash`: digits, or capitals with digits, before a dash and a name."""
    found = _CODE_AND_NAME.fullmatch(text)
    if found is None or len(found["code"]) > longest or not any(map(str.isdigit, found["code"])):
        return None
    return found["code"]
