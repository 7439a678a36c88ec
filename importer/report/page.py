"""The result as one HTML file that needs no network and nothing outside it; and what its templates are given."""

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath
from string import ascii_letters, digits
from urllib.parse import quote

import importer
from importer.model.results import Document, Mode, Result, Status
from importer.printable import printable, shortened
from importer.report.figures import (
    bar_of,
    bar_words,
    heat_strips,
    homeless_rows,
    lane_words,
    line_pictures,
    money_by_currency,
    money_of,
    strip_words,
    timeline,
)
from importer.report.page_data import PageTexts, Shown, embedded_json, embedded_text, in_language, problem_data
from importer.report.page_templates import ATTENTION_FIRST, MOST_DOCUMENTS, page_environment, page_source, policy_hash
from importer.report.problem_groups import findings_of, frequent_errors, repeats_of, spot_of
from importer.report.report_folder import IN_FILE_NAMES, page_of, write_whole
from importer.report.result_document import result_document, result_text, to_json
from importer.report.sentences import JOURNAL, count_text, lines_of_result, said, time_span, utc
from importer.report.summary import IN_LEDGER, debits_of, headline, next_step, remarks, without_stop_problem
from importer.report.tables import Table
from importer.translations import Language

MOST_FILES = 10
LONGEST_DOCUMENT = 5_000_000
"""In characters: a longer result document is only named."""
MOST_STRIPS = 20
MOST_FILES_LISTED = 500
LONGEST_IN_MARGIN = 60

OF_A_RUN = frozenset(Status) - {Status.READY}
OF_A_CHECK = frozenset((Status.ALREADY_POSTED, Status.INVALID, Status.READY))


def _by_file(result: Result) -> list[tuple[str, int, list[tuple[Status, int]], int]]:
    """The workbooks of a run in the order in which they were read: how many documents each has, how many in each state,
    those that need attention first, and its errors."""
    states = {file.path: Counter[Status]() for file in result.files}
    errors = Counter(problem.place.file for problem in result.problems if problem.blocks and not problem.waits)
    for document in result.documents:
        states.setdefault(document.file, Counter())[document.status] += 1
    return [
        (file, counts.total(), [(one, counts[one]) for one in ATTENTION_FIRST if counts[one]], errors[file])
        for file, counts in states.items()
    ]


def page_parts(result: Result, language: Language, folder: Path | None = None) -> Iterator[str]:
    """The page, piece by piece, so that a big one is never whole in memory. `folder` is where it will lie: links to the
    files beside it start there."""
    context = _context(without_stop_problem(result), language, folder) | _evidence(result, language)
    return page_environment().get_template("report.html").generate(context)


def _evidence(result: Result, language: Language) -> dict[str, object]:
    """The result document as the page embeds it: whole, or without its lists where it is long, and what the file beside
    the page that has all of it must hash to."""
    text = result_text(result, language)
    name, digest = f"{result.run}.result.json", sha256(text.encode()).hexdigest()
    if len(text) > LONGEST_DOCUMENT:
        document = result_document(result, language)
        head = {name: value for name, value in document.items() if not isinstance(value, list)}
        text = to_json({**head, "whole": {"file": name, "sha256": digest}})
    return {"result_file": name, "result_sha256": digest, "result_json": embedded_text(text)}


def _context(result: Result, language: Language, folder: Path | None) -> dict[str, object]:
    texts = PageTexts(language, result.documents)
    findings = findings_of(result)
    waiting, warnings = repeats_of(findings.waiting, language), repeats_of(findings.warnings, language)
    money = money_of(result)
    by_file, rows_by_status = _by_file(result), result.rows_by_status()
    journals = tuple(document for document in result.documents if document.kind == JOURNAL)
    records = tuple(document for document in result.documents if document.kind != JOURNAL)
    cards = enumerate((*findings.first, *findings.others), start=1)
    doubts = {card.document is not None and card.document.status is Status.UNKNOWN for card in findings.first}
    moments = (result.started_at, result.finished_at)
    problems, document_numbers, sheet_numbers = problem_data(result, texts)
    first, step = headline(result, language), next_step(result, language)
    outcome = texts.each(lambda one: headline(result, one).text)
    run_name = texts.said("report.run", run=result.run)
    margin_style = _margin_style(result)
    spots: set[tuple[str, str | None]] = {(one.file, one.sheet) for one in result.documents}
    spots |= {(one.place.file, one.place.sheet) for one in result.problems}
    return {
        "result": result,
        "is_check": result.mode is Mode.CHECK,
        "version": importer.__version__,
        "language": language.value,
        "margin_style": margin_style,
        "policy": _policy(margin_style),
        "texts": texts,
        "t": texts.said,
        "journals_only": texts.of_journals,
        "attr": texts.attribute,
        "title": texts.each(lambda one: f"{in_language(outcome, one)} – {in_language(run_name, one)}"),
        "tone": first.tone,
        "outcome": outcome,
        "step": step,
        "step_text": texts.each(lambda one: next_step(result, one).text),
        "to_mend": [(PurePath(path).name, link_from(folder, path)) for path in step.files],
        "remarks": list(
            zip(
                (one.tone for one in remarks(result, language)),
                texts.of_lists(lambda one: [remark.text for remark in remarks(result, one)]),
                strict=True,
            )
        ),
        "watermark": _watermark(result, texts),
        "when": texts.each(lambda one: time_span(*moments, one)),
        "when_utc": " – ".join(f"{utc(moment):%Y-%m-%d %H:%M:%S} UTC" for moment in moments),
        "files": result.files[:MOST_FILES],
        "rows_by_status": rows_by_status,
        "homeless_rows": homeless_rows(result),
        "rows_read": sum(rows_by_status.values()) + homeless_rows(result),
        "relevant_states": OF_A_CHECK if result.mode is Mode.CHECK else OF_A_RUN,
        "bar": bar_of(result),
        "bar_words": texts.each(lambda one: bar_words(result, one)),
        "strips": [(strip, texts.each(partial(strip_words, strip))) for strip in heat_strips(result)[:MOST_STRIPS]],
        **dict(zip(("with_lines", "in_ledger", "by_code"), line_pictures(result), strict=True)),
        "lanes": [(texts.each(partial(lane_words, lane)), lane[-1]) for lane in timeline(result)],
        "timeline_ends": [f"{utc(moment).astimezone():%H:%M:%S}" for moment in moments],
        "evidence": result.evidence,
        "by_file": by_file[:MOST_FILES_LISTED] if len(by_file) > 1 else [],
        "unshown_files": max(0, len(by_file) - MOST_FILES_LISTED),
        "money": money_by_currency(money),
        "debits": _debits(result),
        "money_ties": all(group.ties for group in money),
        "findings": findings,
        "first_notes": [name for name, is_doubt in (("first", True), ("first-differing", False)) if is_doubt in doubts],
        "rows_with_errors": sum(max(1, len(card.rows)) for card in findings.others) + findings.unshown_rows,
        "has_problems": bool(findings.others or findings.unshown_rows or waiting or warnings),
        "problem_data": embedded_json(problems),
        "numbers": document_numbers,
        "sheet_numbers": sheet_numbers,
        "problems_file": f"{result.run}.problems.csv",
        "journals_file": f"{result.run}.journals.csv",
        "mappings": texts.of_lists(partial(lines_of_result, result))[:MOST_FILES_LISTED],
        "frequent": frequent_errors(result.problems, language),
        "waiting": waiting,
        "warnings": warnings,
        "groups": document_groups(journals),
        "linked_files": result.linked_files(),
        "lines": {(one.file, one.sheet, one.key): number for number, one in enumerate(result.lines)},
        # of the journals that are right, 0 where none has any
        "without_lines": max(0, sum(one.status is not Status.INVALID for one in journals) - len(result.lines))
        if result.lines
        else 0,
        "record_groups": document_groups(records),
        "verified": texts.each(lambda one: verified_sentence(journals, one)),
        "marks_unverified": any(document.verified for document in result.documents),
        "anchors": dict.fromkeys(map(spot_of, findings.waiting), "waiting")
        | {(card.file, card.sheet, card.key): f"card-{number}" for number, card in cards},
        "errors": sum(problem.blocks and not problem.waits for problem in result.problems),
        "has_many_sheets": len({spot for spot in spots if spot[1]}) > 1,
        "has_many_files": len({file for file, _ in spots if file}) > 1,
    }


def link_from(folder: Path | None, path: str) -> str:
    """A file as a relative link of a page in `folder` (None: the file's own), percent-encoded and never with a scheme;
    `""` where no relative path leads to it."""
    try:
        name = PurePath(path).name if folder is None else os.path.relpath(path, folder)
    except ValueError:  # another drive of Windows
        return ""
    return "./" + "/".join(quote(os.fsencode(part), safe="") for part in PurePath(name).parts)


def _debits(result: Result) -> list[tuple[str, Decimal, Decimal]]:
    """Of each currency (`""`: unknown) the debits of what is posted, or ready to be in a check, beside those of all
    journals."""
    done = debits_of(result, (Status.READY,) if result.mode is Mode.CHECK else IN_LEDGER)
    return [(currency, done.get(currency, Decimal(0)), whole) for currency, whole in debits_of(result, Status).items()]


def _watermark(result: Result, texts: PageTexts) -> Shown:
    """What must never be taken for a run that posts says so on every page, `""` for one that does."""
    marks = [("practice", result.sandbox), ("check", result.mode is Mode.CHECK)]
    said_of = [texts.said(f"report.watermark.{name}") for name, is_so in marks if is_so]
    return texts.each(lambda one: " · ".join(in_language(mark, one) for mark in said_of))


def _margin_style(result: Result) -> str:
    """The rule that prints run and company into the margin of every page. A browser gives an @page box no text of the
    document, so it stands in the style; everything but ASCII letters, digits and blanks is escaped."""
    company = "" if result.company is None else f" · {shortened(result.company.name, LONGEST_IN_MARGIN)}"
    text = printable(f"{result.run}{company}")
    plain = frozenset(f"{ascii_letters}{digits} ")
    escaped = "".join(mark if mark in plain else f"\\{ord(mark):x} " for mark in text)
    return f'@page {{ @top-left {{ content: "{escaped}"; }} }}'


def _policy(margin_style: str) -> str:
    """The Content-Security-Policy: the page's own script and styles by their hashes, and nothing else."""
    styles = f"'{policy_hash(page_source('report.css'))}' '{policy_hash(margin_style)}'"
    return (
        f"default-src 'none'; script-src '{policy_hash(page_source('report.js'))}'; style-src {styles}; "
        "base-uri 'none'; form-action 'none'"
    )


def document_groups(
    documents: tuple[Document, ...], most: int = MOST_DOCUMENTS
) -> list[tuple[Status, int, tuple[Document, ...]]]:
    """The documents by state, those that need attention first: how many there are of each, and those for which there is
    room; at most `most` in all."""
    groups = []
    room = most
    for status in ATTENTION_FIRST:
        of_status = [document for document in documents if document.status is status]
        if of_status:
            groups.append((status, len(of_status), tuple(of_status[:room])))
            room = max(0, room - len(of_status))
    return groups


def verified_sentence(documents: tuple[Document, ...], language: Language) -> str:
    """How many of the documents posted now were read back from the ledger; `""` where none was posted."""
    posted = [document for document in documents if document.status is Status.POSTED]
    verified = sum(document.verified is True for document in posted)
    if not posted:
        return ""
    name = "all" if verified == len(posted) else "some" if verified else "none"
    facts = {
        "count": count_text(verified or len(posted), language),
        "total": count_text(len(posted), language),
    }
    return said(language, f"report.documents.verified-{name}", **facts)


def write_page(result: Result, folder: Path, language: Language) -> Path:
    """Writes the page of a result as `{run}.html` into `folder` (made if missing) and returns its path.

    The file appears whole or not at all, and only its owner may read it. Raises SetupError (`report`) when
    the folder cannot be written.
    """
    target = page_of(result.run, folder)
    write_whole(target, page_parts(result, language, folder))
    return target


def write_table_page(table: Table, target: Path, title: str, note: str, language: Language) -> None:
    """Writes a table as a page of its own; the name of a run whose report lies beside it is a link. Raises SetupError
    (`report`) when the folder cannot be written."""
    names = {str(value) for row in table.rows for value in row if isinstance(value, str)}
    linked = names & {file.stem for file in target.parent.glob("*.html") if IN_FILE_NAMES.issuperset(file.stem)}
    context = {"table": table, "linked": linked, "title": title, "note": note, "language": language.value}
    style_hash = policy_hash(page_source("report.css"))
    write_whole(target, page_environment().get_template("table.html").generate(context, style_hash=style_hash))
