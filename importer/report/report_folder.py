"""The folder of reports: the names of its files, how one is written whole or not at all, and the files beside the page
for spreadsheets and scripts: every problem and every document as CSV, the result as JSON. Each of these begins with a
mark by which a folder of workbooks that holds it passes it over."""

import os
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from string import ascii_letters, digits
from typing import Any, BinaryIO

from importer.errors import SetupError
from importer.model.problems import Severity, spans
from importer.model.results import Result
from importer.report.result_document import result_document, result_text
from importer.report.sentences import column_label, said, status_words
from importer.report.tables import Table, Value, to_csv
from importer.translations import Language

IN_FILE_NAMES = frozenset(f"{ascii_letters}{digits}-_.")


def page_of(run: str, folder: Path) -> Path:
    """Where the page of a run is written."""
    if not IN_FILE_NAMES.issuperset(run) or not run.strip("."):
        raise ValueError(f"a run id that is no file name: {run!r}")
    return folder / f"{run}.html"


def ready_folder(folder: Path) -> None:
    """Makes sure, before anything is sent, that a page can be written into `folder`; makes it if it is missing.

    Raises SetupError (`report`) when it cannot.
    """
    with _errors_of(folder), tempfile.TemporaryFile(dir=folder):
        pass


@contextmanager
def _errors_of(folder: Path) -> Iterator[None]:
    """Makes a folder of reports if it is missing; what then cannot be done in it is a SetupError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as failure:
        detail = failure.strerror or type(failure).__name__
        raise SetupError("report", folder=str(folder), detail=detail) from failure


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to be written, which stands at `target` when that has ended well: whole or not at all, and only its owner
    may read it. Makes the folder if it is missing. Raises SetupError (`report`)."""
    draft: Path | None = None
    with _errors_of(target.parent):
        try:
            handle, name = tempfile.mkstemp(prefix=".importer.", suffix=".part", dir=target.parent)
            draft = Path(name)
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            if draft is not None:
                draft.unlink(missing_ok=True)
        if os.name == "posix":  # the name is kept too
            handle = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def write_whole(target: Path, parts: Iterable[str]) -> None:
    """Writes a text (UTF-8) as a `whole_file`."""
    with whole_file(target) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        text.writelines(parts)
        text.detach()


@contextmanager
def new_file(folder: Path, stem: str, ending: str) -> Iterator[tuple[BinaryIO, Path]]:
    """A `whole_file` and the path under which it will stand in `folder`: `stem` + `ending`, with a number between them
    when there is such a file already."""
    number, reserved = 1, folder / f"{stem}{ending}"
    with _errors_of(folder):
        while True:
            try:
                reserved.open("xb").close()
            except FileExistsError:
                number += 1
                reserved = folder / f"{stem}-{number}{ending}"
            else:
                break
    try:
        with whole_file(reserved) as file:
            yield file, reserved
    except BaseException:
        reserved.unlink(missing_ok=True)
        raise


PROBLEMS_MARK, JOURNALS_MARK = "importer.problems/1", "importer.journals/1"
"""The first heading of each CSV file; the column below it holds the name of the run. The JSON document has its own, the
member `schema`."""


def write_data_files(result: Result, folder: Path, language: Language) -> None:
    """Writes `{run}.problems.csv`, `{run}.journals.csv` and `{run}.result.json` into a folder, each whole or not at
    all; only their owner may read them. Raises SetupError (`report`) when it cannot."""
    problems = problems_table(result_document(result, language), language)
    write_whole(folder / f"{result.run}.problems.csv", [BOM_UTF8.decode(), to_csv(problems)])
    write_whole(folder / f"{result.run}.journals.csv", [BOM_UTF8.decode(), to_csv(journals_table(result, language))])
    write_whole(folder / f"{result.run}.result.json", [result_text(result, language)])


def problems_table(document: Mapping[str, Any], language: Language) -> Table:
    """Every problem of a result document in its order, a problem a row."""
    severities = {one.value: said(language, f"report.{one.value}") for one in Severity}
    run, problems = document["run"], document["problems"]
    columns = {field: column_label(field, language) for field in {one["field"] for one in problems} if field}
    names = ("severity", "code", "file", "sheet", "journal", "row", "cell", "column", "value", "message", "suggestion")
    rows = [
        (
            *(run, severities[one["severity"]], one["code"], one["file"], one["sheet"], one["document"], one["row"]),
            *(one["cell"], columns.get(one["field"]), one["value"], one["message"], one["suggestion"], one["answer"]),
        )
        for one in problems
    ]
    return _table(PROBLEMS_MARK, (*names, "answer"), rows, language)


def journals_table(result: Result, language: Language) -> Table:
    """Every document in the order of the result, records too, a document a row."""
    names = (
        *("kind", "journal", "status", "state", "number", "voucher", "debit", "credit", "currency", "period"),
        *("type", "lines", "attachments", "attempts", "recovered", "verified", "file", "sheet", "rows"),
    )
    linked = result.linked_files()
    rows = [
        (
            *(result.run, one.kind, one.key, one.status.value, status_words(one.status, language, [one])),
            *(one.journal_number, one.voucher_number, one.debit, one.credit, one.currency, one.period),
            *(one.journal_type, len(one.rows), linked.get(one.journal_number or "", 0)),
            *(one.attempts, one.recovered, one.verified, one.file, one.sheet, spans(one.rows)),
        )
        for one in result.documents
    ]
    return _table(JOURNALS_MARK, names, rows, language)


def _table(mark: str, names: Sequence[str], rows: Sequence[Sequence[Value]], language: Language) -> Table:
    return Table(mark, (mark, *(said(language, f"files.{name}") for name in names)), rows)
