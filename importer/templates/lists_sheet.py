"""The hidden sheet of a template that holds the company's lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from importer.language import Language, say
from importer.model.journals import DIMENSION_FIELDS
from importer.model.places import column_letters
from importer.templates.journals import JOURNALS
from importer.templates.lists import (
    COMPANY_ID,
    COMPANY_NAME,
    LISTS_MARK,
    LISTS_SHEET,
    TAKEN_AT,
    AccountEntry,
    Entry,
    Lists,
    choices_of,
)

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


def information_on(account: AccountEntry, language: Language) -> str:
    """What is told beside an account: its name and the dimensions it needs."""
    if not account.needs:
        return account.name
    names = ", ".join(
        JOURNALS.label(JOURNALS.column(DIMENSION_FIELDS[number - 1]), language) for number in account.needs
    )
    return say(language, "template.account_needs", name=account.name, dimensions=names).strip()


def needs_text(account: AccountEntry) -> str:
    """The dimensions an account needs as ten marks, `0110000000` for the second and the third."""
    return "".join("1" if number in account.needs else "0" for number in range(1, 11))


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
            choices[name] = self._add(label, "choice", choices_of(ordered))
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
        known = [account for account in accounts if isinstance(account, AccountEntry)]
        told = self._add(label, "information", [information_on(account, self._language) for account in known])
        needs = self._add(label, "needs", [needs_text(account) for account in known])
        return {"account_information": told, "account_needs": needs}

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
