"""The forms: their columns, declared once (template, headings, schema and payload are derived from them), with labels
in three languages and the headings that name them on a sheet."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property

from importer.model.journals import ANALYSIS_NUMBERS, CATEGORIES, DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Action, Side
from importer.translations import Language, chapter, say


class Kind(StrEnum):
    """What a cell of the column means; `importer.read.cells` turns it into text."""

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


@dataclass(frozen=True)
class Alternative:
    """Columns that may stand on a sheet in place of others: `columns` instead of those named in `replaced`, all of the
    one or all of the other."""

    replaced: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The wire names of the columns that stand in."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Form:
    """A sheet's layout. `name` is the kind of the form (`journals`); the columns stand in the template's order, without
    those of `alternative`.

    A sheet is this form when it has the required headings and at least `fewest_headings` in all. One that lacks some is
    still taken for it (and the missing ones are told) when it has at least `telling_headings`.
    """

    name: str
    columns: tuple[Column, ...]
    fewest_headings: int = 1
    telling_headings: int = 3
    alternative: Alternative | None = None

    @property
    def every_column(self) -> tuple[Column, ...]:
        """All columns that a sheet may have, those of the alternative at the end."""
        return self.columns + (self.alternative.columns if self.alternative is not None else ())

    def in_alternative_layout(self) -> "Form":
        """The form with its alternative columns where the replaced ones were: for a template. ValueError without an
        alternative."""
        if self.alternative is None:
            raise ValueError(self.name)
        first = next(place for place, column in enumerate(self.columns) if column.name in self.alternative.replaced)
        others = tuple(column for column in self.columns if column.name not in self.alternative.replaced)
        return replace(self, columns=others[:first] + self.alternative.columns + others[first:], alternative=None)

    def column(self, field: str) -> Column:
        """The column with that wire name; KeyError when there is none."""
        for column in self.every_column:
            if column.name == field:
                return column
        raise KeyError(field)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns without which the sheet is not this form (unless its alternative is there)."""
        return tuple(column for column in self.columns if column.required)

    def title(self, language: Language) -> str:
        """The sheet's name in the template."""
        return say(language, f"form.{self.name}.title")

    def label(self, column: Column, language: Language) -> str:
        """The column's heading in a language."""
        return self._words(column, language, "label")

    def help(self, column: Column, language: Language) -> str:
        """What to fill in, in a sentence or two."""
        return self._words(column, language, "help")

    def _words(self, column: Column, language: Language, what: str) -> str:
        number = "" if column.numbered is None else str(column.numbered)
        return say(language, f"form.{self.name}.{column.wording}.{what}", number=number)

    def headings(self) -> Mapping[str, str]:
        """Folded heading to wire name: the wire name itself and the label in every language."""
        return self._headings

    @cached_property
    def _headings(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for column in self.every_column:
            for heading in (column.name, *(self.label(column, language) for language in Language)):
                names[fold_heading(heading)] = column.name
        return names


CALCULATED: Mapping[str, tuple[str, ...]] = {
    "journals": (
        "accountInformation",
        "difference",
        "accountPosition",
        "accountNeeds",
        "lacking",
        "runningDifference",
    ),
}
"""The columns of a form's template that hold formulas: shown to people, never read."""


def calculated_label(form: str, name: str, language: Language) -> str:
    """The heading of a calculated column."""
    return say(language, f"calculated.{form}.{name}.label")


@cache
def calculated_headings(form: str) -> frozenset[str]:
    """The folded headings of a form's calculated columns in every language: a sheet may have them, and they are passed
    over in silence."""
    names = CALCULATED.get(form, ())
    labels = {fold_heading(calculated_label(form, name, language)) for name in names for language in Language}
    return frozenset(labels.union(_result_columns()))


RESULT_COLUMNS = ("state", "number", "message")
"""The columns that the program itself writes beside a form's own: what became of each row. Shown to people, never
read."""


def result_heading(name: str, language: Language) -> str:
    """The heading of a result column; it begins with the program's name, so that no form has it."""
    return say(language, f"written.{name}")


def result_column_named(heading: str) -> str | None:
    """The result column that a heading names in any language, None when it is none of them."""
    return _result_columns().get(fold_heading(heading))


@cache
def _result_columns() -> dict[str, str]:
    return {fold_heading(result_heading(name, language)): name for name in RESULT_COLUMNS for language in Language}


_PERCENT = "%"
"""It stays in a heading: a column of percentages holds no amounts."""

_NO_LETTERS = {code: None for code in range(128) if not chr(code).isalnum() and chr(code) != _PERCENT}


def fold_heading(text: str) -> str:
    """A heading as it is compared: without case, accents, blanks, punctuation (but %) and invisible characters."""
    if text.isascii():
        return text.lower().translate(_NO_LETTERS)  # thirty times as fast; a wide sheet has 300,000 texts above row 20
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in decomposed if mark == _PERCENT or unicodedata.category(mark)[0] not in "MZCPS")


SEVERAL_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "type": ("journalType", "transaction"),
    "side": ("transaction",),
    "text": ("description",),
    "document": ("treference", "journal"),
    "invoice": ("treference",),
    "date": ("transDateTime", "expectedDate", "expiration"),
    "amount": ("amount",),
}
"""The fields of a journal that a heading of each kind may stand for, the likeliest first; or for none of them: a text
may be the name of the account, an amount may have a sign. The headings are in the catalogues."""


@dataclass(frozen=True)
class Synonyms:
    """How other people's workbooks name the columns of a journal, by folded heading: the field where there is one
    meaning, the key of `SEVERAL_MEANINGS` where there are several, and headings that are no field but tell what a sheet
    is (`balance`, `account_name`), what stands above debit and credit together (`amounts`) or that amounts count in
    `thousands`, `millions` or a currency (`units`); `beside_thousands` and `beside_millions` say so beside a currency
    alone."""

    one: Mapping[str, str]
    several: Mapping[str, str]
    other: Mapping[str, str]


@cache
def synonyms() -> Synonyms:
    """The headings of all languages below `heading.` in the catalogues."""
    found: dict[str, dict[str, str]] = {"one": {}, "several": {}, "other": {}}
    for language in Language:
        for key, texts in chapter(language, "heading").items():
            _, part, name = key.split(".")
            found[part] |= {fold_heading(text): name for text in texts.split(";")}
    return Synonyms(**found)


# An analysis code of SunSystems has 15 characters. The contract gives name and lookup no length.
DIMENSIONS = Form(
    name="dimensions",
    columns=(
        Column("action", Kind.CHOICE, choices=tuple(Action), width=10),
        Column("catId", Kind.CHOICE, required=True, choices=CATEGORIES, width=12),
        Column("code", Kind.CODE, required=True, length=15, width=16),
        Column("lookup", Kind.CODE, width=16),
        Column("name", Kind.TEXT, required_to_create=True, width=36),
        Column("prohibitPosting", Kind.CHOICE, choices=("0", "1"), width=12),
    ),
    fewest_headings=3,
    telling_headings=4,
)
"""Everything the dimension form is."""


# Only the length of analysis codes is known (15 in SunSystems): of what else is too long the service says so.
ADDRESSES = Form(
    name="addresses",
    columns=(
        Column("action", Kind.CHOICE, choices=tuple(Action), width=10),
        Column("addressCode", Kind.CODE, required=True, width=16),
        Column("addressLine1", Kind.TEXT, required_to_create=True, width=30),
        *(Column(f"addressLine{number}", Kind.TEXT, width=24) for number in range(2, 6)),
        Column("lookupCode", Kind.CODE, required_to_create=True, width=14),
        Column("status", Kind.INTEGER, required_to_create=True, least=0, width=9),
        Column("area", Kind.TEXT, width=16),
        Column("shortHeading", Kind.TEXT, width=16),
        Column("postalCode", Kind.CODE, width=12),
        Column("telephoneNumber", Kind.CODE, width=18),
        Column("faxNumber", Kind.CODE, width=18),
        Column("emailAddress", Kind.TEXT, width=26),
        Column("webPageAddress", Kind.TEXT, width=26),
        *(
            Column(f"analysis{number}.{part}", Kind.CODE, length=length, width=13, numbered=number)
            for number in ANALYSIS_NUMBERS
            for part, length in (("code", 15), ("id", None), ("entryNum", None))
        ),
    ),
    fewest_headings=2,
    telling_headings=8,
)
"""Everything the address form is."""


# Lengths of SunSystems: accounts and analysis codes 15, reference 30, description 50, extras 30, asset 10.
JOURNALS = Form(
    name="journals",
    columns=(
        Column("journal", Kind.KEY, width=14),
        Column("line", Kind.INTEGER, width=7),
        Column("journalType", Kind.CODE, required=True, length=5, width=9),
        Column("account", Kind.CODE, required=True, length=15),
        Column("treference", Kind.TEXT, required=True, length=30, width=18),
        *(Column(name, Kind.CODE, length=15, width=11) for name in DIMENSION_FIELDS),
        Column("description", Kind.TEXT, required=True, length=50, width=36),
        Column("transaction", Kind.CHOICE, required=True, choices=(Side.CREDIT, Side.DEBIT), width=8),
        Column("amount", Kind.AMOUNT, required=True, width=15),
        Column("currency", Kind.CODE, required=True, length=5, width=10),
        Column("transDateTime", Kind.DATE, required=True, width=12),
        Column("memoAmount", Kind.AMOUNT, is_blank_at_zero=True, width=15),
        Column("period", Kind.PERIOD, required=True, width=10),
        Column("expiration", Kind.DATE, width=12),
        Column("expectedDate", Kind.DATE, width=12),
        Column("assetCode", Kind.CODE, length=10, width=12),
        Column("assetIndicator", Kind.CODE, width=10),
        *(
            Column(f"description{number}", Kind.TEXT, length=30, width=18, numbered=number)
            for number in range(1, EXTRA_DESCRIPTIONS + 1)
        ),
        Column("attachment", Kind.FILES, width=24),
    ),
    alternative=Alternative(
        replaced=("transaction", "amount"),
        columns=(Column("debit", Kind.AMOUNT, width=15), Column("credit", Kind.AMOUNT, width=15)),
    ),
)
"""Everything the journal form is."""


FORMS = (DIMENSIONS, ADDRESSES, JOURNALS)


def form_named(name: str) -> Form:
    """The form of that kind (`journals`); KeyError when there is none."""
    return {form.name: form for form in FORMS}[name]


PICKED = " \u00b7 "
"""Between code and name in a drop-down: `101110 · General Cash`. What is posted is what stands before it."""

LISTS_MARK = "importer.lists/1"
"""The first cell of the sheet with the lists, whatever that sheet is called."""

COMPANY_ID, COMPANY_NAME, TAKEN_AT = "company.id", "company.name", "taken.at"
"""Labels in the first column of the sheet with the lists, each with its value beside it: the company's number, its
name, and when the lists were read (`yyyy-mm-ddThh:mm:ssZ`). Cells survive what Excel, LibreOffice and openpyxl save;
properties of the file do not."""


def is_listed(form: str, field_name: str) -> bool:
    """True for a column that a template may give a drop-down of codes and names: its cells are read by `code_in`."""
    if form == "addresses":
        return field_name.startswith("analysis") and field_name.endswith(".code")
    return form == "journals" and field_name in ("account", "journalType", "currency", *DIMENSION_FIELDS)


def code_in(text: str) -> str:
    """The code in a cell filled from a drop-down (`101110 · General Cash`), or typed alone."""
    return text.partition(PICKED)[0]
