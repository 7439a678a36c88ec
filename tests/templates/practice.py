"""A small company's lists, with codes that trip lookups: patterns, blanks, one that begins another."""

from collections.abc import Sequence
from datetime import UTC, datetime

from importer.templates.form_sheet import RowValues
from importer.templates.forms import Form
from importer.templates.lists import Entry, Lists, RequiredCode
from importer.templates.template_workbook import PREPARED_ROWS, workbook_of
from importer.translations import Language

TAKEN_AT = datetime(2018, 6, 30, 17, 5, 1, tzinfo=UTC)

LISTS = Lists(
    company_id=5,
    company_name="=IAN Iglesia Adventista Nacional",
    taken_at=TAKEN_AT,
    accounts=(
        Entry("101110", "General Cash", (2, 3)),
        Entry("101110 NF", "Non-Fiscal General Cash", (3,)),
        Entry("101120  NF", "Two blanks"),
        Entry("0012", "Leading zeros"),
        Entry("*", "Every account", (10,)),
        Entry("1~1?", "Odd marks", (1, 10)),
        Entry("631140", "Maintenance \u201cof\u201d Buildings", (3, 4)),
    ),
    codes={
        2: (Entry("NF", "Non-Fiscal"), Entry("1001", "Fiscal General Account")),
        3: (Entry("20", "Plant Fund"), Entry("10", "Operating Fund")),
        4: (Entry("ADMIN01"),),
    },
    journal_types=(Entry("JV", "Journal Voucher"),),
    periods=(Entry("2018005"), Entry("2018006")),
    currencies=(Entry("MXN1"),),
    required_codes=(RequiredCode(1, 20, 1, "TYPEDOC"), RequiredCode(2, 3, 2, "FUND")),
)


def template_of(
    form: Form,
    language: Language,
    rows: Sequence[RowValues] = (),
    lists: Lists | None = None,
    prepared_rows: int = PREPARED_ROWS,
    file: str | None = None,
) -> bytes:
    """A workbook (.xlsx) of one form; see `workbook_of`."""
    return workbook_of([form], language, {form.name: rows}, lists, prepared_rows, file)
