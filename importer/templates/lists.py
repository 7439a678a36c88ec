"""A company's lists as a template holds them: what the drop-downs offer, and whose they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from importer.model.journals import DIMENSION_FIELDS

PICKED = " \u00b7 "
"""Between code and name in a drop-down: `101110 · General Cash`. What is posted is what stands before it."""

LISTS_MARK = "importer.lists/1"
"""The first cell of the sheet with the lists, whatever that sheet is called."""

LISTS_SHEET = "Lists"
COMPANY_ID, COMPANY_NAME, TAKEN_AT = "company.id", "company.name", "taken.at"
"""Labels in the first column of that sheet, each with its value beside it: the company's number, its name, and when the
lists were read (`yyyy-mm-ddThh:mm:ssZ`). Cells survive what Excel, LibreOffice and openpyxl save; properties of the
file do not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its name (`""` where it has none)."""

    code: str
    name: str = ""

    @property
    def shown(self) -> str:
        """As the drop-down shows it, and as it then stands in the cell."""
        return f"{self.code}{PICKED}{self.name}" if self.name else self.code


@dataclass(frozen=True, slots=True)
class AccountEntry(Entry):
    """An open account with the numbers (1 to 10) of the dimensions that it makes mandatory."""

    needs: tuple[int, ...] = ()


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
    accounts: tuple[AccountEntry, ...] = ()
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


def choices_of(entries: Iterable[Entry]) -> list[str]:
    """What a drop-down offers: code and name, by code; then the bare codes, so that a code typed by hand is a choice
    too."""
    ordered = sorted(entries, key=lambda entry: (entry.code.casefold(), entry.code))
    shown = [entry.shown for entry in ordered]
    return shown + [entry.code for entry in ordered if entry.name]


def is_listed(form: str, field_name: str) -> bool:
    """True for a column that a template may give a drop-down of codes and names: its cells are read by `code_in`."""
    if form == "addresses":
        return field_name.startswith("analysis") and field_name.endswith(".code")
    return form == "journals" and field_name in ("account", "journalType", "currency", *DIMENSION_FIELDS)


def code_in(text: str) -> str:
    """The code in a cell filled from a drop-down (`101110 · General Cash`), or typed alone."""
    return text.partition(PICKED)[0]
