"""What a column of a form is: everything else about it (template, headings, schema, payload) is derived from this."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a cell of the column means (product.md, "What a cell means")."""

    KEY = "key"
    CODE = "code"
    TEXT = "text"
    INTEGER = "integer"
    AMOUNT = "amount"
    DATE = "date"
    PERIOD = "period"
    CHOICE = "choice"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form.

    `name` is the wire name and the `field` of problems. `required`: the sheet must have the column, and every row must
    fill it; `required_to_create`: only rows that make a new record must. `length` is the longest text in characters
    (None: no limit), `least` the least whole number, `is_blank_at_zero` says that a zero is a blank. `choices` is the
    closed list of a choice. `width` is the template's column width in characters. Labels and help stand in the
    catalogues under `form.<form>.<name>`; `numbered` says that the label is a pattern for a row of alike columns
    (`description1` to `description25`) and gives this one's number.
    """

    name: str
    kind: Kind
    required: bool = False
    required_to_create: bool = False
    length: int | None = None
    least: int = 1
    is_blank_at_zero: bool = False
    choices: tuple[str, ...] = ()
    width: int = 12
    numbered: int | None = None

    @property
    def wording(self) -> str:
        """The column's name in the catalogues: `description_n` for each of `description1` to `description25`,
        `analysis_n.id` for each of `analysis1.id` to `analysis10.id`."""
        if self.numbered is None:
            return self.name
        return self.name.replace(str(self.numbered), "_n")
