"""Text from cells, files and services is shown, never obeyed: not by a browser, not by a terminal."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from importer.model.problems import Place, Problem
from importer.model.results import Company, FileRead, JournalLines, Result, SheetRead, Status, Stop
from importer.model.workbook import MappingUse
from importer.printable import printable
from importer.report.page import page_parts, write_page
from importer.report.terminal_result import confirmation, summary
from importer.translations import Language
from tests.report.reading import Reading
from tests.report.stories import journal, result

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% include 'x' %}{# x #}",
    "{0.__class__}",
    "]]><!--",
    "</style><style>*{display:none}",
    "</title><base href=//evil>",
    "&lt;b&gt;&#x3c;b&#x3e;",
    "javascript:alert(1)",
    "[link=https://evil]x[/link][bold]",
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m",
    "fdp\u202e.xslx\u2066",
    "caf\udce9",
    "W" * 3000,
    "a\r\nb\tc\x00",
]


def result_full_of(text: str) -> Result:
    """The text wherever text of others can stand."""
    place = Place(text, text, 6, "D", "account")
    broken = Problem("unreadable-file", Place(text), wording="unreadable-file.damaged")
    wrong = Problem("unknown-account", place, text, text, text, "unknown-account.close", {"account": text})
    field = Problem(
        "required", Place(text, text, 6, "E", text), text, wording="required.empty", facts={"heading": text}
    )
    refused = Problem("refused-line", Place(text, text, 7), text, facts={"answer": text})
    warning = Problem("look-alike", Place(text, text, 6), text, facts={"number": text})
    posted = replace(journal(1, Status.POSTED, 2), key=f"2{text}", file=text, sheet=text)
    posted = replace(posted, journal_number=text, voucher_number=text, currency=text, period=text)
    unknown = replace(journal(2, Status.UNKNOWN, 6), key=text, file=text, sheet=text)
    use = MappingUse(
        text, "0" * 64, headings={text: text}, constants={text: text}, cells={text: text}, period_from=text
    )
    sent = ((2, (text, "D", "1.00", text, text, text)),)
    lines = JournalLines(text, text, posted.key, ("account", "transaction", "amount", "currency", "fund", text), sent)
    return result(
        [posted, unknown],
        [broken, wrong, field, refused, warning],
        {(text, text, 6): (("account", "D", text), (text, "F", text))},
        company=Company(5, text, text),
        lines=(lines,),
        files=(FileRead(text, "0" * 64, (SheetRead(text, "journals", 6, mapping=use),), (text,)),),
        stopped_by=Stop("unreachable", {"detail": text}),
        report=text,
        corrections=(text,),
        started_by=text,
    )


def assert_inert(page: Reading) -> None:
    assert page.faults == []
    assert len(page.all("title")) == 1
    assert (len(page.all("style")), len(page.all("script"))) == (2, 4)
    assert all((attributes["href"] or "").startswith(("#", "./")) for attributes in page.all("a"))
    for data in page.scripts[:3]:
        json.loads(data)
    assert page.text.replace("\n", "") == printable(page.text.replace("\n", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_on_the_page(text: str, tmp_path: Path) -> None:
    page = Reading(write_page(result_full_of(text), tmp_path, Language.EN).read_text(encoding="utf-8"))
    assert_inert(page)
    assert printable(text)[:160].replace("  ", " ") in page.text


@given(st.text(min_size=1))
def test_no_text_at_all_breaks_out_of_the_page(text: str) -> None:
    assert_inert(Reading("".join(page_parts(result_full_of(text), Language.FR))))


def printed(text: str, **how: object) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=80, **how)  # type: ignore[arg-type]  # any of the console's own settings
    ended = result_full_of(text)
    summary(ended, Language.EN, console)
    confirmation(Company(5, text), [replace(ended.documents[0], status=Status.READY)], Language.EN, console)
    return screen.getvalue()


@given(st.text(min_size=1) | st.sampled_from(HOSTILE))
def test_no_text_reaches_the_terminal_as_a_command(text: str) -> None:
    told = printed(text)
    assert all(mark == "\n" or printable(mark) == mark for mark in told)


def test_markup_of_the_terminal_library_is_shown_as_text() -> None:
    assert "[link=https://evil]x[/link][bold]" in printed("[link=https://evil]x[/link][bold]")


def test_on_a_terminal_the_only_commands_are_our_own_colours() -> None:
    told = printed("\x1b]52;c;ZXZpbA==\x07[red]x", force_terminal=True, color_system="standard")
    assert "\x1b]" not in told
    assert "\x07" not in told
    assert "\\u001b]52;c;" in told
