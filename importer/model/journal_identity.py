"""When two journals are the same one: by what the ledger will show again, not by file, row or key."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from importer.model.journals import Journal, Line, Side

WIDE_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""The blanks of Unicode that look like a plain one, such as the no-break space, as a class of characters has them."""

_AS_PLAIN = dict.fromkeys((160, 5760, *range(8192, 8203), 8239, 8287, 12288), " ")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """What the ledger shows again of a line; `amount` is positive."""

    account: str
    side: Side
    amount: Decimal
    dimensions: tuple[str, ...]
    reference: str
    description: str
    day: date


@dataclass(frozen=True, slots=True)
class ShownJournal:
    """What the ledger shows again of a journal."""

    journal_type: str
    period: str
    currency: str
    lines: tuple[ShownLine, ...]


def content_of(journal: Journal) -> str:
    """The journal as the ledger shows it again: type, period, currency and the sorted lines (account, side, exact
    amount, ten dimensions, reference, description, date). Equal for equal journals in any order of rows."""
    lines = sorted(_shown(line) for line in journal.lines)
    return _compact([journal.journal_type, journal.period, journal.currency, lines])


def content_of_shown(journal: "ShownJournal") -> str:
    """The same text for a journal as the ledger shows it."""
    lines = sorted(
        [
            *(line.account, line.side.value, f"{line.amount:.2f}", list(line.dimensions)),
            *(composed(line.reference), composed(line.description), line.day.isoformat()),
        ]
        for line in journal.lines
    )
    return _compact([journal.journal_type, journal.period, journal.currency, lines])


def _shown(line: Line) -> list[Any]:
    return [
        with_plain_blanks(line.account),
        line.side.value,
        f"{line.amount:.2f}",
        plain_codes(line.dimensions),
        composed(line.reference),
        composed(line.description),
        line.transaction_date.isoformat(),
    ]


def shown_content(content: str) -> "ShownJournal":
    """What `content_of` has written, read again."""
    journal_type, period, currency, lines = json.loads(content)
    return ShownJournal(journal_type, period, currency, tuple(_shown_line(*line) for line in lines))


def shown_journal(journal: Journal) -> "ShownJournal":
    """A journal as the ledger is to show it again, its lines in the order in which they travel."""
    lines = tuple(
        ShownLine(
            account=with_plain_blanks(line.account),
            side=line.side,
            amount=line.amount,
            dimensions=plain_codes(line.dimensions),
            reference=composed(line.reference),
            description=composed(line.description),
            day=line.transaction_date,
        )
        for line in journal.lines
    )
    return ShownJournal(journal.journal_type, journal.period, journal.currency, lines)


def _shown_line(
    account: str, side: str, amount: str, dimensions: list[str], reference: str, description: str, day: str
) -> "ShownLine":
    return ShownLine(
        account, Side(side), Decimal(amount), tuple(dimensions), reference, description, date.fromisoformat(day)
    )


@lru_cache(maxsize=1024)
def plain_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes with plain blanks. Most lines have the codes of another one: equal ones are one."""
    return tuple(map(with_plain_blanks, codes))


def fingerprint(company_key: str, content: str) -> str:
    """Hexadecimal hash of a journal's content within a company."""
    return _hash(_compact([company_key, content]))


def payload_hash(journal: Journal) -> str:
    """Hexadecimal hash of everything sent: tells a journal posted before with other extra descriptions, memo amount,
    asset or due dates from the very same one. Independent of the order of rows."""
    return _hash(_compact(sorted([*_shown(line), *_details(line)] for line in journal.lines)))


def _details(line: Line) -> Iterable[str]:
    yield "" if line.memo_amount is None else f"{line.memo_amount:.2f}"
    yield "" if line.expiration is None else line.expiration.isoformat()
    yield "" if line.expected_date is None else line.expected_date.isoformat()
    yield line.asset_code
    yield line.asset_indicator
    yield from line.descriptions


def composed(text: str) -> str:
    """The text with its accents as part of their letters (macOS writes them apart), and with plain blanks."""
    return text if text.isascii() else with_plain_blanks(unicodedata.normalize("NFC", text))


def with_plain_blanks(text: str) -> str:
    """The text with a plain blank for each no-break space and its like: nobody sees which of them it is, and a ledger
    may show another one."""
    return text if text.isascii() else text.translate(_AS_PLAIN)


def content_with_plain_blanks(content: str) -> str:
    """What `content_of` writes today of a journal of which it once wrote `content`, when such blanks were kept."""
    journal_type, period, currency, lines = json.loads(with_plain_blanks(content))
    return _compact([journal_type, period, currency, sorted(lines)])


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
