"""Columns of a prepared journal sheet that calculate: the account's name and needs, the journal's difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from importer.model.journals import DIMENSION_FIELDS, Side
from importer.templates.forms import CALCULATED, PICKED, Form, code_in
from importer.templates.lists import AccountEntry, ListRanges, Lists, information_on, needs_text
from importer.translations import Language, say

ACCOUNT_INFORMATION, DIFFERENCE, POSITION, NEEDS, LACKING, RUNNING = CALCULATED["journals"]
HIDDEN = (POSITION, NEEDS, LACKING, RUNNING)
"""Steps of the calculation, in hidden columns at the end."""

WIDTHS = {ACCOUNT_INFORMATION: 48, DIFFERENCE: 14}

MARKS = "1234567890"
"""Of the ten dimensions in `LACKING`: the tenth is 0."""

Result = str | int | Decimal


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
        cells = [self._cell(name, row) for name in ("account", *self._amounts())]
        return "AND(" + ",".join(f'OFFSET({cell},1,0)=""' if next_row else f'{cell}=""' for cell in cells) + ")"

    def _amounts(self) -> tuple[str, ...]:
        return ("debit", "credit") if "debit" in self.letters else ("amount",)

    def _signed_amount(self, row: int) -> str:
        if "debit" in self.letters:
            return f"N({self._cell('debit', row)})-N({self._cell('credit', row)})"
        side, amount = self._cell("transaction", row), self._cell("amount", row)
        return f'N({amount})*IF({side}="{Side.DEBIT}",1,IF({side}="{Side.CREDIT}",-1,0))'


def results_of(
    rows: Sequence[Mapping[str, object]], lists: Lists, names: Sequence[str], language: Language
) -> list[dict[str, Result]]:
    """What the formulas of the given rows give, for readers that do not calculate. The rows stand below each other from
    row 2 on; `names` are the calculated columns that are wanted."""
    positions = {account.code: account for account in lists.accounts}
    ordered = sorted(positions, key=lambda code: (code.casefold(), code))
    places = {code: place for place, code in enumerate(ordered, start=1)}
    running = _running_sums(rows)
    found = []
    for index, row in enumerate(rows):
        code = code_in(str(row.get("account") or ""))
        account = positions.get(code)
        results: dict[str, Result] = {
            ACCOUNT_INFORMATION: _information(code, account, language),
            DIFFERENCE: "" if _goes_on(rows, index) or not running[index] else running[index],
            POSITION: places.get(code, 0) if code else "",
            NEEDS: needs_text(account) if account is not None else "",
            LACKING: _lacking(row, account),
            RUNNING: running[index],
        }
        found.append({name: results[name] for name in names})
    return found


def _information(code: str, account: AccountEntry | None, language: Language) -> str:
    if not code:
        return ""
    return say(language, "template.not_in_list") if account is None else information_on(account, language)


def _lacking(row: Mapping[str, object], account: AccountEntry | None) -> str:
    needs = account.needs if account is not None else ()
    return "".join(MARKS[number - 1] for number in needs if not row.get(DIMENSION_FIELDS[number - 1]))


def _is_blank_row(row: Mapping[str, object]) -> bool:
    return not any(row.get(name) for name in ("account", "amount", "debit", "credit"))


def _running_sums(rows: Sequence[Mapping[str, object]]) -> list[Decimal | str]:
    sums: list[Decimal | str] = []
    above, so_far = "", Decimal(0)
    for row in rows:
        key = str(row.get("journal") or "")
        so_far = so_far if key == above and sums else Decimal(0)
        above = key
        if _is_blank_row(row) and key:
            so_far = Decimal(0)
            sums.append("")
            continue
        so_far += _signed(row)
        sums.append(so_far)
    return sums


def _signed(row: Mapping[str, object]) -> Decimal:
    debit, credit, amount = (
        value if isinstance(value, Decimal) else Decimal(0) for value in map(row.get, ("debit", "credit", "amount"))
    )
    sign = {Side.DEBIT.value: 1, Side.CREDIT.value: -1}.get(str(row.get("transaction") or "").upper(), 0)
    return debit - credit + amount * sign


def _goes_on(rows: Sequence[Mapping[str, object]], index: int) -> bool:
    """True when no difference stands in the row: it is blank, or the row below is of the same journal."""
    row, below = rows[index], rows[index + 1] if index + 1 < len(rows) else {}
    if _is_blank_row(row):
        return True
    return (row.get("journal") or "") == (below.get("journal") or "") and not _is_blank_row(below)
