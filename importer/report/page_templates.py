"""The page's templates: the limits, marks and filters that they use; and how they are kept compiled from one run to the
next."""

import os
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from platformdirs import user_cache_path

from importer import APPLICATION, __version__
from importer.model.results import Status
from importer.printable import LONGEST_SENTENCE, LONGEST_VALUE, printable, shortened
from importer.report.figures import HIDDEN, NO_LINES
from importer.report.page_data import PageTexts, Shown, Text
from importer.report.problem_groups import NUMBERS
from importer.report.sentences import (
    amount_text,
    column_label,
    count_text,
    message,
    period_text,
    record_words,
    rows_text,
    stop_reason,
    utc,
)
from importer.report.summary import Tone
from importer.translations import Language

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

MOST_DOCUMENTS = 2000
MOST_WARNINGS = 500
WARNINGS_IN_SIGHT = 15
STRIPS_IN_SIGHT = 3
MOST_LINKED = 5
MOST_IN_FACTS = 3
"""Workbooks on the first screen; a table below has all of them."""
MOST_REQUESTS_SHOWN = 1_000

MOST_PRINTED = 200
"""Rows with errors on paper, which is read whole and signed; a screen shows all of them."""
MOST_PRINTED_IN_FULL = 40
"""Where more rows have errors the paper shows of each its address, value and sentence, without the cells beside."""
MOST_PRINTED_WARNINGS = 60
MOST_PRINTED_DOCUMENTS = 500

ATTENTION_FIRST = (
    Status.UNKNOWN,
    Status.REFUSED,
    Status.INVALID,
    Status.NOT_SENT,
    Status.READY,
    Status.POSTED,
    Status.ALREADY_POSTED,
)
GLYPHS = {
    Status.POSTED: "✓",
    Status.ALREADY_POSTED: "✓",
    Status.REFUSED: "✕",
    Status.INVALID: "✕",
    Status.UNKNOWN: "?",
    Status.NOT_SENT: "–",
    Status.READY: "○",
}
TONE_GLYPHS = {Tone.GOOD: "✓", Tone.NOTE: "i", Tone.BAD: "!", Tone.DOUBT: "?"}


class KeptTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder (None: the user's cache folder, one of this release); jinja2 puts the template's
    hash and its own and Python's version into each. A folder that cannot be used, or a damaged file, only means that
    templates are compiled again."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            try:
                folder = user_cache_path(APPLICATION, appauthor=False) / f"pages-{__version__}"
            except RuntimeError:  # a user without a home
                folder = Path(os.devnull) / "pages"
        super().__init__(str(folder), "%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket if the template is kept."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001  whatever pickle and marshal make of a damaged file
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a template; two runs at once may keep the same one."""
        with suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def prepare_page() -> None:
    """Compiles the page's templates, for whoever has time for it before; writing the page does it otherwise."""
    environment = page_environment()
    for name in environment.list_templates():
        environment.get_template(name)


@cache
def page_environment() -> "Environment":
    """What the templates are filled by; made once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("importer.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
        auto_reload=False,
        bytecode_cache=KeptTemplates(),
    )
    environment.globals.update(
        status_glyphs=GLYPHS,
        tone_glyphs=TONE_GLYPHS,
        in_sight=WARNINGS_IN_SIGHT,
        most_warnings=MOST_WARNINGS,
        strips_in_sight=STRIPS_IN_SIGHT,
        sentence_length=LONGEST_SENTENCE,
        most_files=MOST_DOCUMENTS,
        states={status.value: status for status in Status},
        money_order=[*(status.value for status in ATTENTION_FIRST), NO_LINES, HIDDEN],
        most_linked=MOST_LINKED,
        most_in_facts=MOST_IN_FACTS,
        most_printed=MOST_PRINTED,
        most_printed_in_full=MOST_PRINTED_IN_FULL,
        most_printed_warnings=MOST_PRINTED_WARNINGS,
        most_printed_documents=MOST_PRINTED_DOCUMENTS,
        most_requests=MOST_REQUESTS_SHOWN,
        numeric_fields=NUMBERS,
        outcomes={"200": "answered", "201": "refused", "220": "renewed", "221": "gone", "401": "renewed"},
    )
    of_few: dict[str, Callable[[Any, Language], str]] = {
        "count": count_text,
        "period": period_text,
        "label": column_label,
    }
    in_languages: dict[str, Callable[[Any, Language], str]] = {
        "amount": amount_text,
        "rows": rows_text,
        "record_words": record_words,
        "message": lambda problem, language: shortened(message(problem, language), LONGEST_SENTENCE),
        "because": stop_reason,
    }
    environment.filters.update({name: _filter(wording, of_few=False) for name, wording in in_languages.items()})
    environment.filters.update({name: _filter(wording, of_few=True) for name, wording in of_few.items()})
    environment.filters.update(moment=_moment, cut=_cut, file_name=lambda path: PurePath(path).name)
    return environment


def _filter(wording: Callable[[Any, Language], str], *, of_few: bool) -> Callable[["Context", Any], Shown]:
    """A filter that words a value in every language of the page; of those that are few, each once."""

    @pass_context
    def worded(context: "Context", value: Any) -> Shown:
        texts: PageTexts = context["texts"]
        return texts.worded(wording, value) if of_few else texts.each(lambda language: wording(value, language))

    return worded


def _cut(shown: Shown, length: int = LONGEST_VALUE) -> Shown:
    return shown.cut(length) if isinstance(shown, Text) else shortened(shown, length)


def _moment(moment: datetime) -> str:
    return utc(moment).replace(tzinfo=None).isoformat(" ", "milliseconds")


def _visible(value: object) -> object:
    """Every text that enters the page passes here before it is escaped; one in several languages sees to itself."""
    return printable(value) if type(value) is str else value


@cache
def page_source(name: str) -> str:
    """The style or the script, as the page holds it."""
    return page_environment().get_template(name).render()


def policy_hash(text: str) -> str:
    """A style's or script's hash as a Content-Security-Policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
