"""The sheet of a form in a template: headings, formats, drop-downs, colours, print set-up; and the columns of a
prepared journal sheet that calculate: the account's name and needs, the journal's difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from importer.model.journals import DIMENSION_FIELDS, Side
from importer.model.problems import column_letters
from importer.templates.forms import CALCULATED, PICKED, Column, Form, Kind, calculated_label
from importer.templates.lists import ListRanges, Lists
from importer.translations import Language, say


class PlainFormulas(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """xlsxwriter looks through every formula for some thirty functions that are newer than Excel 2007: 8 of the 9
    seconds that a prepared sheet of 5,000 rows takes. Ours have none."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


LAST_ROW = 1_048_575
ACCENT, QUIET, INK = "#1F4E79", "#DCE6F1", "#1B2733"
_PALE, _AMBER, _DEEP_AMBER, _RED = "#F2F2F2", "#FFE699", "#F4B183", "#C00000"
_FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.DATE: "yyyy-mm-dd", Kind.INTEGER: "0"}
_PROMPT_TITLE = 32
_PROMPT_TEXT = 255
_FREE_LISTS = ("currency",)
"""Lists that the service does not give whole: anything else may be typed without a word."""

CellValue = str | Decimal | date | None
RowValues = Mapping[str, CellValue]


ACCOUNT_INFORMATION, DIFFERENCE, POSITION, NEEDS, LACKING, RUNNING = CALCULATED["journals"]
HIDDEN = (POSITION, NEEDS, LACKING, RUNNING)
"""Steps of the calculation, in hidden columns at the end."""

WIDTHS = {ACCOUNT_INFORMATION: 48, DIFFERENCE: 14}

MARKS = "1234567890"
"""Of the ten dimensions in `LACKING`: the tenth is 0."""


def calculated_columns(form: Form, lists: Lists | None) -> dict[str, str]:
    """The calculated columns of a prepared sheet, each with the column that it stands behind; the hidden ones stand at
    the end (`""`).

    The others stand behind the last column that is printed: a page with formulas is printed even where they show
    nothing, in Excel and in LibreOffice.
    """
    if form.name != "journals" or lists is None:
        return {}
    columns = {DIFFERENCE: last_printed(form), RUNNING: ""}
    if lists.accounts:
        columns |= {ACCOUNT_INFORMATION: last_printed(form), POSITION: "", NEEDS: "", LACKING: ""}
    return {name: columns[name] for name in (DIFFERENCE, *CALCULATED["journals"]) if name in columns}


def last_printed(form: Form) -> str:
    """The last of the columns that every document uses: the long tail of extras behind it would make the print dust."""
    return [column.name for column in form.columns if column.required or column.required_to_create][-1]


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of a sheet. `letters` are its columns by name, the calculated ones too; `needed` are the dimensions
    that any account needs."""

    letters: Mapping[str, str]
    needed: frozenset[int]
    ranges: ListRanges
    language: Language

    def of_row(self, row: int) -> dict[str, str]:
        """The formulas of a row (from 2) by calculated column."""
        makers = {
            ACCOUNT_INFORMATION: self._information,
            DIFFERENCE: self._difference,
            POSITION: self._position,
            NEEDS: self._needs,
            LACKING: self._lacking,
            RUNNING: self._running,
        }
        return {name: "=" + make(row) for name, make in makers.items() if name in self.letters}

    def lacks_any(self, row: int) -> str:
        """True while the row lacks something that its account needs."""
        return f'={self._cell(LACKING, row)}<>""'

    def lacks(self, field: str, row: int) -> str:
        """True while the row lacks a code of that dimension."""
        mark = MARKS[DIMENSION_FIELDS.index(field)]
        return f'=ISNUMBER(FIND("{mark}",{self._cell(LACKING, row)}))'

    def shows_difference(self, row: int) -> str:
        """True where a journal's difference is shown."""
        return f"=ISNUMBER({self._cell(DIFFERENCE, row)})"

    def _cell(self, name: str, row: int) -> str:
        return f"${self.letters[name]}{row}"

    def _position(self, row: int) -> str:
        account = self._cell("account", row)
        code = f'LEFT({account},FIND("{PICKED}",{account}&"{PICKED}")-1)'
        for wildcard in "~*?":  # MATCH takes them for patterns; * is a code like any other
            code = f'SUBSTITUTE({code},"{wildcard}","~{wildcard}")'
        return f'IF({account}="","",IFERROR(MATCH({code},{self.ranges.account_codes},0),0))'

    def _information(self, row: int) -> str:
        position = self._cell(POSITION, row)
        unknown = say(self.language, "template.not_in_list").replace('"', '""')
        information = f"INDEX({self.ranges.account_information},{position})"
        return f'IF({position}="","",IF({position}=0,"{unknown}",{information}))'

    def _needs(self, row: int) -> str:
        position = self._cell(POSITION, row)
        return f'IF(N({position})=0,"",INDEX({self.ranges.account_needs},{position}))'

    def _lacking(self, row: int) -> str:
        """The marks of the dimensions that are needed and blank: of a blank cell nothing follows the needed 1."""
        needs = self._cell(NEEDS, row)
        lacks = "&".join(
            f'IF(MID({needs},{number},1)&{self._cell(DIMENSION_FIELDS[number - 1], row)}="1","{MARKS[number - 1]}","")'
            for number in sorted(self.needed)
        )
        return f'IF({needs}="","",{lacks})' if lacks else '""'

    def _running(self, row: int) -> str:
        """The sum of the journal's rows from its first one down to this; a blank row of a sheet without keys hands it
        on."""
        key, running = self._cell("journal", row), self._cell(RUNNING, row)
        above = f"IF(EXACT({key},OFFSET({key},-1,0)),N(OFFSET({running},-1,0)),0)"
        return f'IF({self._is_blank(row)},IF({key}="",{above},""),ROUND({above}+{self._signed_amount(row)},2))'

    def _difference(self, row: int) -> str:
        """Shown on the journal's last row, as long as there is one."""
        key, running = self._cell("journal", row), self._cell(RUNNING, row)
        goes_on = f"AND(EXACT({key},OFFSET({key},1,0)),NOT({self._is_blank(row, next_row=True)}))"
        return f'IF(OR({self._is_blank(row)},{goes_on},N({running})=0),"",{running})'

    def _is_blank(self, row: int, *, next_row: bool = False) -> str:
        amounts = ("debit", "credit") if "debit" in self.letters else ("amount",)
        cells = [self._cell(name, row) for name in ("account", *amounts)]
        return "AND(" + ",".join(f'OFFSET({cell},1,0)=""' if next_row else f'{cell}=""' for cell in cells) + ")"

    def _signed_amount(self, row: int) -> str:
        if "debit" in self.letters:
            return f"N({self._cell('debit', row)})-N({self._cell('credit', row)})"
        side, amount = self._cell("transaction", row), self._cell("amount", row)
        return f'N({amount})*IF({side}="{Side.DEBIT}",1,IF({side}="{Side.CREDIT}",-1,0))'


class Look:
    """The cell formats of a workbook, shared by its sheets."""

    def __init__(self, book: Any) -> None:
        self._book = book
        heading = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#9DB2C8"}
        # The asterisk is the number format's: the reader and a person copying the cell get the bare label.
        required = {"bg_color": ACCENT, "font_color": "#FFFFFF", "num_format": '@" *"'}
        optional = {"bg_color": QUIET, "font_color": INK, "num_format": "@"}
        calculated = {"bg_color": _PALE, "font_color": "#595959", "italic": True, "num_format": "@"}
        self.required = book.add_format(heading | required)
        self.optional = book.add_format(heading | optional)
        self.heading_of_calculated = book.add_format(heading | calculated)
        self.day = self.cell(Kind.DATE)
        self.calculated = book.add_format({"font_color": "#595959", "italic": True, "num_format": "General"})
        self.difference = book.add_format({"num_format": _FORMATS[Kind.AMOUNT]})
        self.amber = book.add_format({"bg_color": _AMBER})
        self.deep_amber = book.add_format({"bg_color": _DEEP_AMBER})
        self.red = book.add_format({"bold": True, "font_color": _RED, "bg_color": _AMBER})

    def cell(self, kind: Kind) -> Any:
        """A format of its own for each column: openpyxl knows only the first one of columns that share theirs."""
        return self._book.add_format({"num_format": _FORMATS.get(kind, "@")})


class Sheet:
    """Writes one form's sheet."""

    def __init__(
        self, sheet: Any, form: Form, language: Language, look: Look, lists: Lists | None, ranges: ListRanges
    ) -> None:
        self._sheet = sheet
        self._form = form
        self._language = language
        self._look = look
        self._lists = lists
        self._ranges = ranges
        self._columns = _columns_of(form, lists)
        self._places = {name: index for index, name in enumerate(self._columns)}

    def write(self, rows: Sequence[RowValues], prepared_rows: int) -> None:
        """Writes the sheet with the given rows; the formulas reach over `prepared_rows` at least."""
        for index, (name, column) in enumerate(self._columns.items()):
            if column is not None:
                self._write_column(index, column)
            else:
                self._write_calculated_column(index, name)
        self._write_rows(rows)
        if self._lists is not None and DIFFERENCE in self._columns:
            self._write_formulas(self._lists, max(prepared_rows, len(rows)))
        self._sheet.set_row(0, 34)
        self._sheet.freeze_panes(1, 1)
        self._sheet.autofilter(0, 0, 0, len(self._columns) - 1)
        self._set_up_printing()

    def _write_column(self, index: int, column: Column) -> None:
        label = self._form.label(column, self._language)
        longest_word = max(len(word) for word in label.split())
        width = max(column.width, longest_word + 5, -(-len(label) // 2) + 3)
        self._sheet.set_column(index, index, width, self._look.cell(column.kind))
        heading = self._look.required if column.required else self._look.optional
        self._sheet.write_string(0, index, label, heading)
        self._comment(index, _note(self._form, column, self._language))
        self._sheet.data_validation(1, index, LAST_ROW, index, self._validation(column))

    def _write_calculated_column(self, index: int, name: str) -> None:
        label = calculated_label(self._form.name, name, self._language)
        look = self._look.difference if name in (DIFFERENCE, RUNNING) else self._look.calculated
        self._sheet.set_column(index, index, WIDTHS.get(name, 12), look, {"hidden": name in HIDDEN})
        self._sheet.write_string(0, index, label, self._look.heading_of_calculated)
        if name not in HIDDEN:
            self._comment(index, say(self._language, f"calculated.{self._form.name}.{name}.help"))

    def _comment(self, index: int, text: str) -> None:
        self._sheet.write_comment(0, index, text, {"x_scale": 2, "y_scale": 1.2, "font_size": 9})

    def _validation(self, column: Column) -> dict[str, Any]:
        label = self._form.label(column, self._language)
        prompt = {
            "input_title": label[:_PROMPT_TITLE],
            "input_message": self._prompt(column)[:_PROMPT_TEXT],
        }
        if column.choices:
            return prompt | {
                "validate": "list",
                "source": list(column.choices),
                "error_title": say(self._language, "template.choice_title")[:_PROMPT_TITLE],
                # C alone reads as cargo in Spanish, which is D: the sides' letters always stand beside what they mean.
                "error_message": say(self._language, "problem.bad-choice.side")
                if column.name == "transaction"
                else say(self._language, "template.choice_error", choices=", ".join(column.choices)),
            }
        name = self._lists.name_of_list(self._form.name, column.name) if self._lists is not None else None
        if name is None:
            return {"validate": "any"} | prompt
        # A new code may be younger than the lists: a warning that can be passed, not a stop.
        return prompt | {
            "validate": "list",
            "source": f"={self._ranges.choices[name]}",
            "error_type": "warning",
            "show_error": name not in _FREE_LISTS,
            "error_title": say(self._language, "template.unlisted_title")[:_PROMPT_TITLE],
            "error_message": say(self._language, "template.unlisted_error")[:_PROMPT_TEXT],
        }

    def _prompt(self, column: Column) -> str:
        parts = [self._form.help(column, self._language)]
        for one in self._lists.required_codes if self._lists is not None and self._form.name == "addresses" else ():
            if column.name == f"analysis{one.number}.code":
                hint = say(
                    self._language,
                    "template.required_code",
                    heading=one.short_heading,
                    category=one.category,
                    entry=one.entry_number,
                )
                parts.insert(0, hint)
        return " ".join(parts)

    def _write_rows(self, rows: Sequence[RowValues]) -> None:
        for number, values in enumerate(rows, start=1):
            for name, value in values.items():
                match value:
                    case str() as text:
                        self._sheet.write_string(number, self._places[name], text)
                    case Decimal() as amount:
                        self._sheet.write_number(number, self._places[name], amount)
                    case date() as day:
                        self._sheet.write_datetime(number, self._places[name], day, self._look.day)
                    case None:
                        pass

    def _write_formulas(self, lists: Lists, last: int) -> None:
        needed = frozenset(number for account in lists.accounts for number in account.needs)
        letters = {name: column_letters(index) for name, index in self._places.items()}
        formulas = Formulas(letters, needed, self._ranges, self._language)
        for row in range(1, last + 1):
            for name, formula in formulas.of_row(row + 1).items():
                # The result in a blank row, for readers that do not calculate.
                self._sheet.write_formula(row, self._places[name], formula, None, 0 if name == RUNNING else "")
        self._colour(formulas, last)

    def _colour(self, formulas: Formulas, last: int) -> None:
        """A row is amber while it lacks what its account needs, the cells concerned deeper so; no two ranges overlap,
        so that every program agrees on the colour."""
        self._condition(self._places[DIFFERENCE], last, formulas.shows_difference(2), self._look.red)
        if LACKING not in self._places:
            return
        for name, index in self._places.items():
            if name in DIMENSION_FIELDS and DIMENSION_FIELDS.index(name) + 1 in formulas.needed:
                self._condition(index, last, formulas.lacks(name, 2), self._look.deep_amber)
            if name not in HIDDEN:
                self._condition(index, last, formulas.lacks_any(2), self._look.amber)

    def _condition(self, index: int, last: int, formula: str, look: Any) -> None:
        rule = {"type": "formula", "criteria": formula, "format": look, "stop_if_true": True}
        self._sheet.conditional_format(1, index, last, index, rule)

    def _set_up_printing(self) -> None:
        """Prints the columns that every document uses on pages one sheet wide, down to the last row that is filled:
        whole columns, in which nothing but entries stands."""
        last = self._places[last_printed(self._form)]
        self._sheet.set_landscape()
        self._sheet.set_paper(1)  # Letter, the office paper of Mexico
        self._sheet.print_area(0, 0, LAST_ROW, last)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self._sheet.set_footer("&L&A&R&P / &N")


def _columns_of(form: Form, lists: Lists | None) -> Mapping[str, Column | None]:
    """The columns of a sheet in their order, by name; None for one that is calculated."""
    calculated = calculated_columns(form, lists)
    columns: dict[str, Column | None] = {}
    for column in form.columns:
        columns[column.name] = column
        columns |= {name: None for name, before in calculated.items() if before == column.name}
    return columns | {name: None for name, before in calculated.items() if not before}


def _note(form: Form, column: Column, language: Language) -> str:
    needed = "template.required" if column.required else "template.optional"
    needed = "template.required_to_create" if column.required_to_create else needed
    parts = [form.help(column, language), say(language, needed)]
    if column.length is not None:
        parts.append(say(language, "template.length", length=column.length))
    return "\n".join(parts)
