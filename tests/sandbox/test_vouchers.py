"""Journals on paper: six formats, three languages, accents, logos."""

import base64
import io
import struct
import zlib
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from PIL import Image

from importer.sandbox import Sandbox
from importer.sandbox.operations.documents import LANGUAGES, LAYOUTS, words_of
from tests.contract.schemas import operation
from tests.sandbox.caller import Answer, Caller, journal
from tests.sandbox.printed import pages_of, paper_of, pictures_of, text_of

LOGO = operation("print_journal").request_examples["custom_logo"]["logoOption"]["logoSource"]


def ask(caller: Caller, lang: str | None = "es", /, **changes: object) -> Answer:
    body = {"journalNumber": 5588, "book": "A", "printFormat": "PFP"} | changes
    return caller.send("POST", "/journal/print", body, query={"lang": lang} if lang is not None else {})


def printed(caller: Caller, lang: str = "es", /, **changes: object) -> bytes:
    return base64.b64decode(ask(caller, lang, **changes).response, validate=True)


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB") -> str:
    file = io.BytesIO()
    Image.new(mode, size, 1).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def test_a_voucher_holds_company_voucher_lines_and_totals(caller: Caller) -> None:
    text = text_of(printed(caller))
    for fact in ("IAN Iglesia Adventista Nacional", "JV2024-0012", "5588", "651110", "CLAIM-12", "540.05", "580.00"):
        assert fact in text
    assert text.count("1,120.05") == 3  # the credit and both totals
    assert "Página" in text and "Análisis" in text and "Campaña" in text and "«Los" in text


@pytest.mark.parametrize(("print_format", "lang"), list(product(LAYOUTS, LANGUAGES)))
def test_every_format_has_its_title_in_every_language(caller: Caller, print_format: str, lang: str) -> None:
    text = text_of(printed(caller, lang, printFormat=print_format))
    title = words_of(lang)[print_format]["title"]
    assert title in text.split("\n")
    assert words_of(lang)["total"] in text
    assert ("1 120,05" if lang == "fr" else "1,120.05") in text.replace("\u00a0", " ")


def test_formats_differ_in_title_and_layout(caller: Caller) -> None:
    pages = {one: printed(caller, "en", printFormat=one) for one in LAYOUTS}
    assert len({text_of(pdf) for pdf in pages.values()}) == 6
    assert len({paper_of(pdf) for pdf in pages.values()}) == 5
    assert len({tuple(layout.columns) for layout in LAYOUTS.values()}) == 6
    titles = [words_of(lang)[one]["title"] for lang in LANGUAGES for one in LAYOUTS]
    assert len(set(titles)) == 18


def test_the_languages_have_the_same_words() -> None:
    def keys(tree: dict[str, Any]) -> list[str]:
        return sorted(name + str(sorted(words)) if isinstance(words, dict) else name for name, words in tree.items())

    assert keys(words_of("en")) == keys(words_of("es")) == keys(words_of("fr"))


def test_printing_twice_gives_the_same_bytes_and_changes_nothing(sandbox: Sandbox, caller: Caller) -> None:
    before = dict(sandbox.company.ledger.journals)
    assert printed(caller) == printed(caller)
    assert sandbox.company.ledger.journals == before


@pytest.mark.parametrize(
    "text", ["ŁÓDŹ 日本 €œŒ ñ́", "tab\tand\nline\x00\x7f\x81", "(paren\\thesis)", "x" * 3000, "𝔘nicode" * 50]
)
def test_any_text_of_a_line_can_be_printed(caller: Caller, text: str) -> None:
    number = int(caller.post("/journal", journal(description=text, treference=text)).response["journalNumber"])
    for print_format in LAYOUTS:
        assert pages_of(printed(caller, journalNumber=number, printFormat=print_format)) >= 1


def test_letters_that_the_fonts_lack_become_question_marks(caller: Caller) -> None:
    number = int(caller.post("/journal", journal(description="Łódź (é)")).response["journalNumber"])
    assert "?ód? (é)" in text_of(printed(caller, journalNumber=number))


def test_a_long_journal_takes_several_pages(caller: Caller) -> None:
    body = journal(amount=Decimal("0.01"))
    body["requestPolicyDetails"] = [
        line | {"line": 2 * n + place} for n in range(40) for place, line in enumerate(body["requestPolicyDetails"], 1)
    ]
    number = int(caller.post("/journal", body).response["journalNumber"])
    pdf = printed(caller, journalNumber=number)
    assert pages_of(pdf) >= 3
    assert text_of(pdf).count("LINE 1") + text_of(pdf).count("LINE 2") >= 80


LOGOS: list[tuple[Any, ...]] = [
    *(("PNG",), ("JPEG",), ("PNG", (3, 900)), ("JPEG", (40, 20), "CMYK"), ("JPEG", (40, 20), "L")),
    *(("PNG", (40, 20), mode) for mode in ("P", "L", "1", "LA", "RGBA", "I;16")),
]


@pytest.mark.parametrize("drawn", [None, *LOGOS], ids=str)
def test_a_logo_is_on_the_page(caller: Caller, drawn: tuple[Any, ...] | None) -> None:
    pdf = printed(caller, logoOption={"logoSource": picture(*drawn) if drawn else LOGO})
    assert b"/Subtype /Image" in pdf
    assert b"/Subtype /Image" not in printed(caller)


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_a_logo_has_the_pixels_that_were_sent(caller: Caller, mode: str) -> None:
    drawn = Image.linear_gradient("L").resize((40, 20)).convert("RGB").convert(mode)
    file = io.BytesIO()
    drawn.save(file, "PNG")
    source = base64.b64encode(file.getvalue()).decode()
    (shown,) = pictures_of(printed(caller, logoOption={"logoSource": source}))
    assert shown.convert("RGB").tobytes() == drawn.convert("RGB").tobytes()


def interlaced() -> str:
    """A PNG whose head says that it is interlaced, with the right check sum."""
    png = base64.b64decode(picture("PNG"))
    head = png[12:28] + b"\x01"
    return base64.b64encode(png[:12] + head + struct.pack(">I", zlib.crc32(head)) + png[33:]).decode()


BROKEN = base64.b64decode(LOGO)
NO_LOGOS: list[object] = [
    {},
    None,
    LOGO,
    {"logoSource": ""},
    {"logoSource": None},
    {"logoSource": "data:image/png;base64," + LOGO},
    {"logoSource": LOGO[:20] + "\n" + LOGO[20:]},
    {"logoSource": LOGO.rstrip("=")},
    {"logoSource": "ñ"},
    {"logoSource": base64.b64encode(b"not a picture").decode()},
    {"logoSource": base64.b64encode(BROKEN[:45]).decode()},
    {"logoSource": base64.b64encode(BROKEN[:30] + b"\xff" * 40).decode()},
    {"logoSource": ("GIF",)},
    {"logoSource": ("PNG", (3000, 3000), "1")},
    {"logoSource": ("PNG", (10000, 10000), "1")},
    {"logoSource": LOGO, "width": 1},
    {"logoSource": interlaced()},
    {"logoSource": base64.b64encode(base64.b64decode(picture("JPEG"))[:200]).decode()},
]


@pytest.mark.parametrize("logo", NO_LOGOS, ids=lambda logo: repr(logo)[:40])
def test_a_logo_that_is_none_is_203(caller: Caller, logo: object) -> None:
    if isinstance(logo, dict) and isinstance(drawn := logo.get("logoSource"), tuple):
        logo = {"logoSource": picture(*drawn)}  # drawn here: the largest takes a third of a second
    assert ask(caller, logoOption=logo).code == "203"


@pytest.mark.parametrize("lang", [None, "", "de", "ES", "*"])
def test_a_language_is_one_of_three(caller: Caller, lang: str | None) -> None:
    assert ask(caller, lang).code == "203"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"printFormat": "pfp"}, "203"),
        ({"book": "B"}, "203"),
        ({"journalNumber": 55.5}, "203"),
        ({"journalNumber": 5325}, "201"),
        ({"journalNumber": -1}, "201"),
    ],
)
def test_what_cannot_be_printed_is_refused(caller: Caller, change: dict[str, object], code: str) -> None:
    assert ask(caller, **change).code == code


def test_printing_may_be_off(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(printing_off=True)
    assert ask(caller).code == "204"
    assert ask(caller, book="B").code == "203"
