"""The terminal in front of a run: the question before posting, the progress bar, the summary, the page in a browser."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import click
from rich.console import Console

from importer.cli.output import chosen, says_yes
from importer.model.results import Company, Document, Result, Status
from importer.model.workbook import MappingUse
from importer.printable import printable, shortened
from importer.report.sentences import difference_text, mapping_lines
from importer.report.terminal import Bar, progress
from importer.report.terminal_result import confirmation, deletions, doubtful, outlook, summary, why_it_stopped
from importer.translations import Language, say

if TYPE_CHECKING:
    from importer.post.matching import Difference

STOP_SIGNALS = [
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if name in signal.Signals.__members__
]
"""Those by which a person, a closed window or a scheduler stops a program, as far as this system has them."""

_MOST_KEYS = 10
"""So many journals are named in a question."""

_STOPPED = (3, 4)
"""Exit codes of which a scheduler's mail has to say why."""


LONG_LAG = 4.0
"""Seconds after which a new journal is late in the ledger."""


class Terminal:
    """What a run shows and asks on its way, on the terminal of the person who started it (the run's `Observer`).
    `asks`: whether to ask before posting (on a terminal only); `speaks_on_stderr`: standard output is kept for the JSON
    document; `held`: where nobody is asked, journals with warnings of these codes stay behind; `most_interrupts`: more
    signals than that are no wish to end at once."""

    def __init__(
        self,
        language: Language,
        *,
        speaks_on_stderr: bool,
        asks: bool,
        held: Collection[str] = (),
        most_interrupts: int = 2,
    ) -> None:
        self._language = language
        self._speaks_on_stderr = speaks_on_stderr
        self._console = Console(stderr=speaks_on_stderr, highlight=False)
        self._asks = asks and is_person_there()
        self._held = held
        self._interrupts, self._most_interrupts = 0, most_interrupts
        self._usual_handlers: dict[signal.Signals, Any] = {}
        self._bar = Bar()
        self._has_said_wait = self._has_said_settling = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._usual_handlers.items():
            signal.signal(number, handler)

    def confirms(self, result: Result, again: Collection[int]) -> Collection[int] | None:
        """Shows what stays behind, every warning, and what is about to be posted where, and asks. Journals with hidden
        rows and look-alikes are asked about apart: no to them holds back those alone."""
        if not self._asks or result.company is None:
            return {place for code, places in doubtful(result).items() if code in self._held for place in places}
        console = Console(stderr=True, highlight=False)
        outlook(result, self._language, console)
        documents = list(result.documents)
        held: set[int] = set()
        for code, positions in doubtful(result).items():
            left = [position for position in positions if position not in held]
            if left and not says_yes(self._apart(code, [documents[position].key for position in left]), self._language):
                held.update(left)
        for position in held:
            documents[position] = documents[position].ended(Status.NOT_SENT)
        if not any(document.status is Status.READY for document in documents):
            return None
        posted_before = [documents[place] for place in sorted(again) if documents[place].status is Status.READY]
        confirmation(result.company, documents, self._language, console, posted_before)
        return held if says_yes(say(self._language, "said.post"), self._language) else None

    def _apart(self, code: str, keys: Sequence[str]) -> str:
        shown = ", ".join([*map(shortened, keys[:_MOST_KEYS]), *(["…"] if keys[_MOST_KEYS:] else [])])
        return printable(say(self._language, f"said.post-{code}", count=len(keys), keys=shown))

    def chooses_mapping(self, sheet: str, names: Sequence[str]) -> str | None:
        """Asks which of several mappings reads a sheet; an empty answer is none of them."""
        if not self._asks:
            return None
        about = say(self._language, "said.chooses-mapping", sheet=printable(shortened(sheet)))
        position = chosen(about, names, self._language)
        return None if position is None else names[position]

    def accepts_mapping(self, use: MappingUse, sheet: str, is_edited: bool) -> bool | None:
        """Shows how a sheet is read by a mapping, and asks whether that is right; None when nobody is asked. `use`: the
        mapping and what it says of columns; `is_edited`: it has changed since it was confirmed, else is new."""
        if not self._asks:
            return None
        for line in mapping_lines(use, sheet, self._language, with_headings=True):
            self.complain(line)
        facts = {"mapping": use.name, "sheet": printable(shortened(sheet))}
        kind = "edited" if is_edited else "unused"
        return says_yes(say(self._language, f"said.accepts-mapping.{kind}", **facts), self._language)

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        """Shows which records are about to be deleted, and asks."""
        if not self._asks:
            return True
        console = Console(stderr=True, highlight=False)
        deletions(documents, self._language, console)
        return says_yes(say(self._language, "said.delete"), self._language)

    def accepts(self, key: str, number: str, differences: "Sequence[Difference]") -> bool:
        """Shows in what the ledger's journal `number` differs from the one with that `key` in the workbook, and asks
        whether it is ours all the same."""
        for one in differences:
            self.complain(difference_text(one.line, one.field, one.sent, one.found, self._language))
        self.complain(say(self._language, "said.accepts", key=key, number=number))
        return not self._asks or says_yes(say(self._language, "said.accept"), self._language)

    def is_same_ledger(self, address: str, known: str, numbers: Sequence[str], *, is_shown: bool) -> bool | None:
        """Asks whether two addresses lead to one ledger; None when nobody is asked. `address`: the one of the settings;
        `known`: the one of the store; `numbers`: journals posted there (none: only ones in doubt); `is_shown`: the
        ledger at `address` shows them as they were posted."""
        if not self._asks:
            return None
        kind = "in-doubt" if not numbers else "shown" if is_shown else "differs"
        facts = {"address": printable(address), "known": printable(known), "numbers": ", ".join(numbers)}
        return says_yes(say(self._language, f"said.same-ledger.{kind}", **facts), self._language)

    def waits_for(self, run: str, name: str, host: str) -> None:
        """Says once that another run holds the company: its name, and the user and machine (`name`, `host`) of it."""
        if not self._has_said_wait:
            self._has_said_wait = True
            self.complain(say(self._language, "said.waits-for", run=run, holder=name, host=host))

    @contextmanager
    def posting(self, total: int) -> Iterator[Callable[[], None]]:
        """A progress bar, on a terminal only. From now until the report is written Ctrl-C is counted, not raised: an
        exception at any place could lose an answer that has come."""
        for number in STOP_SIGNALS:
            self._usual_handlers.setdefault(number, signal.signal(number, self._count_interrupt))
        with progress(self._language, self._console, total) as self._bar:
            yield self._bar.advance

    def settling(self, seconds: float, journals: int) -> None:
        """A countdown beside the progress bar; without a terminal one line, lest the wait is taken for a fault."""
        minutes, rest = divmod(max(0, round(seconds)), 60)
        sentence = say(self._language, "said.settling", count=journals, time=f"{minutes}:{rest:02d}")
        self._bar.say(sentence)
        if not self._console.is_terminal and not self._has_said_settling:
            self._has_said_settling = True
            self.complain(sentence)

    def unseen(self, number: str, seconds: float) -> None:
        """A countdown beside the progress bar while the ledger does not show the first journal, on a terminal only."""
        minutes, rest = divmod(max(0, round(seconds)), 60)
        self._bar.say(say(self._language, "said.unseen", number=number, time=f"{minutes}:{rest:02d}"))

    def lag(self, seconds: float) -> None:
        """Says how late the ledger shows what is posted, where that is worth a line."""
        if seconds >= LONG_LAG:
            self.complain(say(self._language, "said.lag", seconds=str(round(seconds))))

    def interrupts(self) -> int:
        """How often Ctrl-C was pressed since the posting began."""
        return min(self._interrupts, self._most_interrupts)

    def _count_interrupt(self, *_: object) -> None:
        self._interrupts += 1
        if self._interrupts == 1:
            # Not print: the signal may have come in the middle of one.
            with suppress(OSError):
                os.write(2, f"\n{say(self._language, 'said.stopping')}\n".encode())

    def sum_up(self, result: Result) -> None:
        """Prints what happened, in a few lines. Why a run stopped is said on standard error too when that is no
        terminal."""
        summary(result, self._language, self._console)
        if result.exit_code in _STOPPED and not self._speaks_on_stderr and not _is_terminal(sys.stderr):
            self.complain(why_it_stopped(result, self._language))

    def complain(self, sentence: str) -> None:
        """One sentence on standard error."""
        with suppress(OSError, ValueError):
            click.echo(printable(sentence), err=True)


def is_person_there() -> bool:
    """True when there is somebody to ask, who types and sees standard error: a person whose output goes into a pipe or
    file is a person all the same."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
