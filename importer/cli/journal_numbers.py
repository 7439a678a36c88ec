"""Journal numbers on the command line."""

import re
from typing import TYPE_CHECKING, Any

import click

from importer.cli.words import words

MOST_JOURNALS = 500
"""A slip in a range (5326-53280) must not ask for a whole ledger."""

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # older releases of click cannot be asked for its type of value


class JournalNumbers(_ParamType):
    """A journal number, or a range of them: `5326-5328`."""

    name = "journal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """The numbers; says what was expected where there are none, or too many."""
        found = re.fullmatch(r"([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?", str(value))
        numbers = range(0) if found is None else range(int(found[1]), int(found[2] or found[1]) + 1)
        if not 0 < len(numbers) <= MOST_JOURNALS:
            self.fail(words("said.bad-journal", text=str(value), most=MOST_JOURNALS), param, ctx)
        return numbers
