"""What the store knows of a journal, in rows: the statements that read it, and how values stand in its columns."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from importer.model.postings import Absence, Clocks, Known, State, read_clocks

KNOWN = """
    SELECT id, state, payload_hash, attempts, run, occurrence, journal_number, voucher_number, doubts AS unknown_sends,
        denials, there_before AS preexisting_matches, accepted,
        COALESCE((SELECT reason FROM decisions WHERE journal = journals.id AND decision = 'drop'
            ORDER BY id DESC LIMIT 1), '') AS dropped_because,
        (SELECT MAX(in_doubt_since) FROM journals AS equals
            WHERE equals.company = journals.company AND equals.installation IN (journals.installation, '')
            AND equals.fingerprint = journals.fingerprint) AS in_doubt_since,
        (SELECT group_concat(doubt_clock, '\n') FROM journals AS equals
            WHERE equals.company = journals.company AND equals.installation IN (journals.installation, '')
            AND equals.fingerprint = journals.fingerprint AND in_doubt_since IS NOT NULL) AS doubted_at,
        absent_looks AS absence, doubt_clock AS sending_clocks,
        (SELECT sent_at FROM attempts WHERE journal = journals.id AND number = journals.attempts) AS sent_at,
        EXISTS (SELECT 1 FROM attempts WHERE journal = journals.id AND number = journals.attempts
            AND attempts.state = 'refused') AS was_refused,
        COALESCE((SELECT answer FROM attempts WHERE journal = journals.id AND number = journals.attempts), '') AS answer
    FROM journals
"""
POSTED = """
    SELECT id, CASE WHEN accepted <> '' THEN accepted ELSE content END, COALESCE(journal_number, ''), voucher_number,
        run, COALESCE((SELECT document_key FROM appearances AS a WHERE a.run = journals.run AND a.journal = journals.id
            ORDER BY position LIMIT 1), document_key), file, sheet
    FROM journals
"""

_NOBODY_LOOKED = "?"
"""In `preexisting_matches`, which otherwise has numbers with commas between them."""


def known_in(row: Mapping[str, Any]) -> Known:
    """What a row of `KNOWN` says."""
    return Known(
        **{
            **dict(row),
            "state": State(row["state"]),
            "in_doubt_since": _moment(row["in_doubt_since"]),
            "doubted_at": tuple(map(read_clocks, (row["doubted_at"] or "").split("\n")))
            if row["in_doubt_since"]
            else (),
            "absence": _absence(row["absence"]),
            "sending_clocks": read_clocks(row["sending_clocks"]),
            "sent_at": _moment(row["sent_at"]),
            "was_refused": bool(row["was_refused"]),
            "preexisting_matches": _numbers(row["preexisting_matches"]),
        }
    )


def text_of_clocks(clocks: Clocks | None) -> str:
    """A moment by other clocks, `""` for none."""
    return "" if clocks is None else clocks.as_text()


def text_of_absence(absence: Absence) -> str:
    """How far the settling of a journal in doubt has come."""
    return json.dumps([absence.looks, sorted(absence.alikes), absence.at.as_text()])


def _absence(text: str) -> Absence | None:
    if not text:
        return None
    looks, alikes, at = json.loads(text)
    clocks = read_clocks(at)
    return None if clocks is None else Absence(looks, frozenset(alikes), clocks)


def text_of_numbers(numbers: frozenset[int] | None) -> str:
    """The ledger's equal journals before a sending, None where nobody has looked for them."""
    return _NOBODY_LOOKED if numbers is None else ",".join(map(str, sorted(numbers)))


def _numbers(text: str) -> frozenset[int] | None:
    return None if text == _NOBODY_LOOKED else frozenset(map(int, filter(None, text.split(","))))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
