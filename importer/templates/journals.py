"""The journal form: a row a line (product.md, "Workbooks"; wire names of the contract's JournalPostLine)."""

from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Side
from importer.templates.columns import Column, Kind
from importer.templates.forms import Alternative, Form

# Lengths: notes/sunsystems 4.9 (accounts and analysis codes 15, reference 30, description 50, extras 30, asset 10).
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
