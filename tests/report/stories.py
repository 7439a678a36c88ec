"""Results built by hand: church accounting of June 2018, as runs and checks really end."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from importer.model.postings import FileLink, LinkState, SavedVoucher, VoucherOutcome
from importer.model.problems import Place, Problem
from importer.model.results import (
    CellsOfRow,
    Company,
    Document,
    Evidence,
    FileRead,
    JournalLines,
    Mode,
    RequestMade,
    Result,
    SheetRead,
    StampsOfMonth,
    Status,
)

FILE = "contabilidad/polizas-junio-2018.xlsx"
SHEET = "Journals"
UNION = Company(5, "Unión Mexicana del Norte, A.R.", "UMN930101AB1")
START = datetime(2026, 7, 1, 20, 3, 11, tzinfo=UTC)

COLUMNS = [
    "journal",
    "journalType",
    "account",
    "treference",
    "tfww",
    "fund",
    "function",
    "restriction",
    "description",
    "transaction",
    "amount",
    "currency",
    "transDateTime",
    "period",
    "description1",
]
LETTERS = dict(zip(COLUMNS, "ABCDEFGHIJKLMNO", strict=True))

LINES = (
    ("641110", "10", "ADMIN01", "Sueldos personal administrativo, 1.ª quincena"),
    ("101110", "10", "", "Caja general, depósito BBVA"),
    ("721140", "20", "EVANG03", "Campaña evangelística, materiales"),
    ("652210", "10", "ADMIN01", "Energía eléctrica, oficina central"),
    ("214010", "10", "", "Diezmos por remitir a la División"),
    ("661300", "10", "TESOR01", "Viáticos, auditoría de campos"),
)


def cells_of(row: int, key: str, amount: str, side: str, **changed: str) -> CellsOfRow:
    """A filled row of the journal form, as it stands on the sheet; `changed` overrules fields (`""` empties
    one)."""
    account, fund, function, description = LINES[row % len(LINES)]
    texts = {
        "journal": key,
        "journalType": "JV",
        "account": account,
        "treference": f"D-{1540 + row // 3}",
        "tfww": "NT",
        "fund": fund,
        "function": function,
        "restriction": "0A",
        "description": description,
        "transaction": side,
        "amount": amount,
        "currency": "MXN1",
        "transDateTime": str(date(2018, 6, 1) + timedelta(days=row % 28)),
        "period": "2018006",
        **changed,
    }
    return tuple((field, LETTERS[field], texts[field]) for field in COLUMNS if texts.get(field))


def place(row: int | None = None, field: str | None = None, file: str = FILE, sheet: str | None = SHEET) -> Place:
    return Place(file, sheet, row, LETTERS[field] if field else None, field)


def journal(number: int, status: Status, first: int, rows: int = 3, **more: object) -> Document:
    """Journal `DIA-0nn` of `rows` rows from `first` on; posted ones get number, voucher and a reading
    back."""
    amount = Decimal("1250.50") * rows + Decimal(number * 317) / 4
    document = Document(
        kind="journal",
        key=f"DIA-{number:03d}",
        file=FILE,
        sheet=SHEET,
        rows=tuple(range(first, first + rows)),
        status=status,
        debit=amount.quantize(Decimal("0.01")),
        credit=amount.quantize(Decimal("0.01")),
        currency="MXN1",
        period="2018006",
        journal_type="JV",
    )
    if status in (Status.POSTED, Status.ALREADY_POSTED):
        document = replace(document, journal_number=str(6954 + number), voucher_number=f"JV2018-{1507 + number}")
    if status is Status.POSTED:
        document = replace(document, attempts=1, verified=True)
    if status in (Status.REFUSED, Status.UNKNOWN):
        document = replace(document, attempts=1)
    return replace(document, **more)  # type: ignore[arg-type]  # mixed types by field name, checked by dataclasses


def journals(statuses: Iterable[Status], rows: int = 3, first_row: int = 2) -> tuple[Document, ...]:
    """Journals one below the other, one for each state given."""
    return tuple(
        journal(number, status, first_row + (number - 1) * rows, rows)
        for number, status in enumerate(statuses, start=1)
    )


def result(
    documents: Iterable[Document] = (),
    problems: Iterable[Problem] = (),
    cells: Mapping[tuple[str, str, int], CellsOfRow] | None = None,
    **more: object,
) -> Result:
    """A result around documents and problems; the sheet holds just the documents' rows unless `files` says
    otherwise."""
    documents = tuple(documents)
    rows = sum(len(document.rows) for document in documents)
    sha256 = "3f9a1b2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8"
    made = Result(
        run="20260701-140311-7f3a",
        mode=Mode.RUN,
        sandbox=False,
        company=UNION,
        started_at=START,
        finished_at=START + timedelta(seconds=94),
        exit_code=0,
        files=(FileRead(FILE, sha256, (SheetRead(SHEET, "journals", rows),), ("Notas", "Saldos")),),
        documents=documents,
        problems=tuple(problems),
        cells=dict(cells or {}),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # mixed types by field name, checked by dataclasses


def lines_of(documents: Iterable[Document]) -> tuple[JournalLines, ...]:
    """The lines of journals as they are sent: the first row of each has the debit, the others share the credit."""
    made = []
    for document in documents:
        first, *others = document.rows
        debit = document.debit or Decimal(0)
        part = (debit / len(others)).quantize(Decimal("0.01"))
        amounts = dict.fromkeys(others, part) | {others[-1]: debit - part * (len(others) - 1)}
        rows = [
            {
                name: text
                for name, _, text in cells_of(row, "", str(amounts.get(row, debit)), "C" if row in amounts else "D")
            }
            for row in (first, *others)
        ]
        texts = tuple(
            (row, tuple(of.get(name, "") for name in COLUMNS[1:-1]))
            for row, of in zip(document.rows, rows, strict=True)
        )
        made.append(JournalLines(document.file, document.sheet, document.key, tuple(COLUMNS[1:-1]), texts))
    return tuple(made)


def good_run() -> Result:
    """Forty journals, all posted and read back; five more had been posted the day before."""
    return result(journals([Status.ALREADY_POSTED] * 5 + [Status.POSTED] * 40))


def evidence_of(posts: int = 15) -> Evidence:
    """Of a run that posts so many journals in half a minute, the fifth without an answer."""

    def request(operation: str, outcome: str, second: float, seconds: float) -> RequestMade:
        began = START + timedelta(seconds=second)
        return RequestMade(operation, outcome, began, began + timedelta(seconds=seconds))

    lists = ("list_accounts", "list_dimension_codes", "list_journal_types", "list_journal_periods")
    requests = (
        *(request("login", "200", 2, 0.4), request("get_company", "200", 2.5, 0.2)),
        *(request(operation, "200", 3, 1.5) for operation in lists),
        request("get_journal_range", "200", 5, 2),
        *(request("post_journal", "no-answer" if one == 4 else "200", 8 + one * 2, 1.5) for one in range(posts)),
        request("get_journal_range", "200", 80, 3),
    )
    settings = {"url": "https://spx.example.org/api", "userid": "contabilidad", "timeout": "120", "lang": "es"}
    return Evidence("0.1.0", settings, START + timedelta(seconds=4.5), requests)


def troubled_run() -> Result:
    """Eight mistakes of every kind in fifteen journals: cells, a balance, a refusal with collateral, a
    doubt."""
    states = [Status.POSTED] * 15
    states[2] = states[5] = states[6] = Status.INVALID
    states[8], states[10] = Status.REFUSED, Status.UNKNOWN
    documents = list(journals(states))
    documents[2] = replace(documents[2], debit=None, credit=None)
    documents[5] = replace(documents[5], credit=documents[5].debit - Decimal("100.00"))  # type: ignore[operator]  # set above
    documents[12] = replace(documents[12], recovered=True, attempts=2)
    documents[13] = replace(documents[13], verified=None)
    problems = [
        Problem(
            "unknown-column",
            place(field=None),
            wording="unknown-column.heading",
            facts={"heading": "Observaciones"},
        ),
        Problem("not-a-number", place(9, "amount"), "DIA-003", "$1,250.50", "1250.50", "not-a-number.separators"),
        Problem("bad-period", place(9, "period"), "DIA-003", "2018-06", "2018006", "bad-period.month"),
        Problem(
            "required",
            place(10, "description"),
            "DIA-003",
            None,
            None,
            "required.empty",
            {"heading": "description"},
        ),
        Problem(
            "unbalanced",
            place(17),
            "DIA-006",
            wording="unbalanced.total",
            facts={"debit": "4227.00", "credit": "4127.00", "difference": "100.00"},
        ),
        Problem(
            "unknown-account",
            place(21, "account"),
            "DIA-007",
            "642198",
            "642199",
            "unknown-account.close",
            {"account": "642198"},
        ),
        Problem(
            "missing-dimension",
            place(22, "function"),
            "DIA-007",
            facts={"account": "661300", "dimension": "function"},
        ),
        Problem(
            "date-outside-period",
            place(21, "transDateTime"),
            "DIA-007",
            "2018-07-21",
            facts={"date": "2018-07-21", "period": "2018006", "rows": "21"},
        ),
        Problem(
            "refused-line",
            place(27),
            "DIA-009",
            facts={"answer": "Account 652210: analysis code 20 of dimension Fund is prohibited"},
        ),
        Problem(
            "refused-with-others",
            place(26),
            "DIA-009",
            facts={"answer": "rejected due to errors in other lines"},
        ),
        Problem(
            "refused-with-others",
            place(28),
            "DIA-009",
            facts={"answer": "rejected due to errors in other lines"},
        ),
        Problem(
            "outcome-unknown",
            place(32),
            "DIA-011",
            wording="outcome-unknown.sent",
            facts={"reason": "no answer within 120 seconds", "current": "20260701-140311-7f3a"},
        ),
        Problem("look-alike", place(35), "DIA-012", wording="look-alike.line", facts={"numbers": "6871"}),
        *(
            Problem(
                "date-outside-period",
                place(row, "transDateTime"),
                f"DIA-{(row - 2) // 3 + 1:03d}",
                "2018-07-02",
                facts={"date": "2018-07-02", "period": "2018006", "rows": "38–41, 43, 44"},
            )
            for row in (38, 39, 40, 41, 43, 44)
        ),
    ]
    cells = {
        (FILE, SHEET, 32): cells_of(32, "DIA-011", "4623.25", "D"),
        (FILE, SHEET, 9): cells_of(9, "DIA-003", "$1,250.50", "D", period="2018-06"),
        (FILE, SHEET, 10): cells_of(10, "DIA-003", "1250.50", "C", description=""),
        (FILE, SHEET, 17): cells_of(17, "DIA-006", "4227", "D"),
        (FILE, SHEET, 21): cells_of(21, "DIA-007", "4306.25", "D", account="642198", transDateTime="2018-07-21"),
        (FILE, SHEET, 22): cells_of(22, "DIA-007", "4306.25", "C", account="661300", function=""),
        (FILE, SHEET, 27): cells_of(27, "DIA-009", "4464.75", "D", fund="20"),
    }
    return result(
        documents,
        problems,
        cells,
        exit_code=4,
        corrections=("reports/20260701-140311-7f3a.corrections.xlsx",),
        evidence=evidence_of(),
    )


def waiting_run() -> Result:
    """One journal that waits for a person, one that was put off, and one with an error."""
    documents = journals([Status.NOT_SENT, Status.NOT_SENT, Status.INVALID])
    found: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("needs-approval", "needs-approval.anybody", {"request": "7"}),
        ("needs-approval", "needs-approval.later", {}),
        ("unbalanced", "", {"debit": "3910.00", "credit": "3901.00", "difference": "9.00"}),
    )
    return result(
        documents,
        [
            Problem(code, place(one.rows[0]), one.key, wording=wording, facts=facts)
            for one, (code, wording, facts) in zip(documents, found, strict=True)
        ],
    )


def run_with_everything_after() -> Result:
    """A run with linked files, vouchers and stamps."""
    reason = ("unreadable", dict[str, str]())
    return replace(
        good_run(),
        links=tuple(
            FileLink(f"factura {one}.pdf", 6994, 2, one, "62f0a1b7c3d4e5f60718293a", reason)
            for one in LinkState
            if one not in (LinkState.SENDING, LinkState.REMOVED)
        ),
        vouchers=tuple(SavedVoucher(6994, one, None, reason) for one in VoucherOutcome),
        stamps=StampsOfMonth("2018-06", 1204, tuple((date(2018, 6, day), 40 * day) for day in range(1, 29))),
    )


def run_over_a_folder() -> Result:
    """Twelve workbooks, three of which have a mistake; the ledger holds the first journal otherwise."""
    paths = [f"contabilidad/junio/campo-{number:02d}.xlsx" for number in range(12)]
    states = [Status.POSTED] * 33 + [Status.INVALID] * 3
    documents = tuple(replace(one, file=paths[at % 12]) for at, one in enumerate(journals(states)))
    facts = {"number": "6955", "heading": "account", "sent": "641110", "found": "641111"}
    problems = [
        Problem(
            "posted-differently", place(2, file=paths[0]), "DIA-001", wording="posted-differently.field", facts=facts
        ),
        *(
            Problem(
                "unknown-account",
                place(one.rows[0], "account", one.file),
                one.key,
                "642198",
                facts={"account": "642198"},
            )
            for one in documents
            if one.status is Status.INVALID
        ),
    ]
    files = tuple(FileRead(path, None, (SheetRead(SHEET, "journals", 9),)) for path in paths)
    corrections = tuple(f"reports/{number}.corrections.xlsx" for number in range(3))
    return result(documents, problems, files=files, exit_code=4, corrections=corrections)
