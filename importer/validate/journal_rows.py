"""The rows of one journal: their codes, and the journal itself, built when it is asked for (a check of 100,000 rows
asks for few of them, and spares a seventh of its time)."""

from collections.abc import Iterator
from dataclasses import dataclass

from importer.model.journals import Journal, Line
from importer.model.sheets import FormSheet
from importer.validate.groups import Group
from importer.validate.typed_columns import TypedColumns

_LAST = 1_000_000_000
"""Greater than every line number."""


@dataclass(frozen=True, slots=True)
class CodedRow:
    """The codes of a row, `""` where none; `unreadable` names the fields that have a problem of their own."""

    row: int
    journal_type: str
    account: str
    period: str
    currency: str
    dimensions: tuple[str, ...]
    unreadable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JournalRows:
    """A group of a sheet's rows, and the sheet's columns."""

    group: Group
    sheet: FormSheet
    columns: TypedColumns

    def accounts(self) -> frozenset[str | None]:
        """The accounts of the rows."""
        return frozenset(self.group.pick(self.columns.texts("account")))

    def coded(self) -> Iterator[CodedRow]:
        """The codes of each row, valid or not."""
        texts, unreadable = self.columns.texts, self.group.unreadable
        for position in self.group.positions:
            yield CodedRow(
                row=self.sheet.rows[position],
                journal_type=texts("journalType")[position] or "",
                account=texts("account")[position] or "",
                period=texts("period")[position] or "",
                currency=texts("currency")[position] or "",
                dimensions=self.columns.dimensions[position],
                unreadable=frozenset(unreadable.get(position, ())),
            )

    def journal(self) -> Journal:
        """The journal of rows with which nothing is wrong. Lines stand by the `line` column where it is filled, after
        those in the order of the rows."""
        pick = self.group.pick
        if any(None in pick(column) for column in self.columns.never_blank):
            raise AssertionError("a journal is built only when its required cells are good")
        lines = list(map(Line, *map(pick, self.columns.of_lines)))
        numbers = [int(number) if number else _LAST for number in pick(self.columns.texts("line"))]
        ordered = [lines[place] for place in sorted(range(len(lines)), key=numbers.__getitem__)]
        return Journal(self.group.key, self.sheet.file, self.sheet.sheet, tuple(ordered))
