"""A company's lists as a template holds them: what the drop-downs offer, whose they are, and the hidden sheet they are
on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import column_letters
from importer.templates.forms import COMPANY_ID, COMPANY_NAME, JOURNALS, LISTS_MARK, PICKED, TAKEN_AT
from importer.translations import Language, say

LISTS_SHEET = "Lists"


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its name (`""` where it has none); `needs` are the numbers (1 to 10) of the dimensions that an
    account makes mandatory."""

    code: str
    name: str = ""
    needs: tuple[int, ...] = ()

    @property
    def shown(self) -> str:
        """As the drop-down shows it, and as it then stands in the cell."""
        return f"{self.code}{PICKED}{self.name}" if self.name else self.code


@dataclass(frozen=True, slots=True)
class RequiredCode:
    """An analysis code that every address must have: the number of its columns, category, entry number and heading."""

    number: int
    category: int
    entry_number: int
    short_heading: str = ""


@dataclass(frozen=True, slots=True)
class Lists:
    """What a company has open. `taken_at` says when (with a time zone); `codes` goes by dimension, 1 to 10."""

    company_id: int
    company_name: str
    taken_at: datetime
    accounts: tuple[Entry, ...] = ()
    codes: Mapping[int, tuple[Entry, ...]] = field(default_factory=dict)
    journal_types: tuple[Entry, ...] = ()
    periods: tuple[Entry, ...] = ()
    currencies: tuple[Entry, ...] = ()
    required_codes: tuple[RequiredCode, ...] = ()

    @property
    def taken_at_text(self) -> str:
        """The time of the lists as the sheet holds it."""
        return f"{self.taken_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def by_name(self) -> dict[str, tuple[Entry, ...]]:
        """Every list that has entries, by the wire name of the journal form's column that it belongs to."""
        lists: dict[str, tuple[Entry, ...]] = {
            "account": self.accounts,
            "journalType": self.journal_types,
            "period": self.periods,
            "currency": self.currencies,
        }
        lists |= {name: self.codes.get(number, ()) for number, name in enumerate(DIMENSION_FIELDS, start=1)}
        return {name: entries for name, entries in lists.items() if entries}

    def name_of_list(self, form: str, field_name: str) -> str | None:
        """The list (of `by_name`) that a form's column takes its values from; None when it has none."""
        if form == "journals":
            return field_name if field_name in self.by_name() else None
        for one in self.required_codes if form == "addresses" else ():
            if field_name == f"analysis{one.number}.code" and one.category in self.codes:
                return DIMENSION_FIELDS[one.category - 1]
        return None


_FIRST_LIST = 3


@dataclass(frozen=True, slots=True)
class ListRanges:
    """Where the lists stand, as absolute references: what each drop-down offers (by the list's name), and of the
    accounts their codes, what is told of them, and the dimensions they need. The latter are `""` without accounts."""

    choices: Mapping[str, str]
    account_codes: str = ""
    account_information: str = ""
    account_needs: str = ""


def write_lists(book: Any, lists: Lists, language: Language) -> ListRanges:
    """Adds the sheet, hidden: the company and the time of the lists on the left, then list by list its codes, its names
    and what its drop-down offers."""
    return _Writer(book, lists, language).write()


class _Writer:
    def __init__(self, book: Any, lists: Lists, language: Language) -> None:
        self._lists = lists
        self._language = language
        self._sheet = book.add_worksheet(LISTS_SHEET)
        self._text = book.add_format({"num_format": "@"})
        self._head = book.add_format({"bold": True, "num_format": "@"})
        self._column = _FIRST_LIST

    def write(self) -> ListRanges:
        self._write_origin()
        choices = {}
        ranges: dict[str, str] = {}
        for name, entries in self._lists.by_name().items():
            label = JOURNALS.label(JOURNALS.column(name), self._language)
            ordered = sorted(entries, key=lambda entry: (entry.code.casefold(), entry.code))
            codes = self._add(label, "code", [entry.code for entry in ordered])
            self._add(label, "name", [entry.name for entry in ordered])
            if name == "account":
                ranges = self._add_accounts(label, ordered) | {"account_codes": codes}
            # The bare codes too, so that a code typed by hand is a choice.
            bare = [entry.code for entry in ordered if entry.name]
            choices[name] = self._add(label, "choice", [entry.shown for entry in ordered] + bare)
        self._add_required_codes()
        self._sheet.freeze_panes(1, 0)
        self._sheet.hide()
        return ListRanges(choices, **ranges)

    def _write_origin(self) -> None:
        rows = (
            (LISTS_MARK, ""),
            (COMPANY_ID, str(self._lists.company_id)),
            (COMPANY_NAME, self._lists.company_name),
            (TAKEN_AT, self._lists.taken_at_text),
        )
        for row, (label, value) in enumerate(rows):
            self._sheet.write_string(row, 0, label, self._head)
            self._sheet.write_string(row, 1, value, self._text)
        self._sheet.set_column(0, 1, 22, self._text)

    def _add_accounts(self, label: str, accounts: Sequence[Entry]) -> dict[str, str]:
        dimensions = [JOURNALS.label(JOURNALS.column(name), self._language) for name in DIMENSION_FIELDS]
        information = []
        for one in accounts:
            names = ", ".join(dimensions[number - 1] for number in one.needs)
            facts = {"name": one.name, "dimensions": names}
            information.append(say(self._language, "template.account_needs", **facts).strip() if names else one.name)
        informed = self._add(label, "information", information)
        # The dimensions that an account needs as ten marks: `0110000000` for the second and the third.
        marks = ["".join("1" if number in one.needs else "0" for number in range(1, 11)) for one in accounts]
        return {"account_information": informed, "account_needs": self._add(label, "needs", marks)}

    def _add_required_codes(self) -> None:
        wanted = self._lists.required_codes
        if wanted:
            label = say(self._language, "form.addresses.title")
            self._add(label, "number", [str(one.number) for one in wanted])
            self._add(label, "category", [str(one.category) for one in wanted])
            self._add(label, "entry", [str(one.entry_number) for one in wanted])
            self._add(label, "name", [one.short_heading for one in wanted])

    def _add(self, label: str, what: str, texts: Sequence[str]) -> str:
        """Writes one column and gives the absolute reference to its texts."""
        column = self._column
        self._column += 1
        # No form has such a heading: the sheet is never taken for one.
        self._sheet.write_string(0, column, f"{label}: {say(self._language, f'template.list_{what}')}", self._head)
        for row, text in enumerate(texts, start=1):
            self._sheet.write_string(row, column, text, self._text)
        self._sheet.set_column(column, column, min(max(map(len, texts), default=8) + 2, 50), self._text)
        letters = column_letters(column)
        return f"{LISTS_SHEET}!${letters}$2:${letters}${len(texts) + 1}"
