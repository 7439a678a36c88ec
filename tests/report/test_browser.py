"""In a real browser the page fits its window, keeps its own policy, fetches nothing, and reads well."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from importer.model.attachments import Linked, LinkOutcome, SavedVoucher, VoucherOutcome
from importer.model.results import Result, StampsOfMonth
from importer.report.page import write_page
from importer.translations import Language
from tests.report.big import big_check
from tests.report.browser import CHROMIUM, Browser, open_browser
from tests.report.records import run_of_all_forms
from tests.report.stories import good_run, result, troubled_run
from tests.report.test_hostile import result_full_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


def run_with_everything_after() -> Result:
    """A run with linked files, vouchers and stamps."""
    reason = ("unreadable", dict[str, str]())
    return replace(
        good_run(),
        links=tuple(
            Linked(f"factura {one}.pdf", 6994, 2, one, "62f0a1b7c3d4e5f60718293a", reason) for one in LinkOutcome
        ),
        vouchers=tuple(SavedVoucher(6994, one, None, reason) for one in VoucherOutcome),
        stamps=StampsOfMonth("2018-06", 1204, tuple((date(2018, 6, day), 40 * day) for day in range(1, 29))),
    )


STORIES = {
    "good": good_run(),
    "troubled": troubled_run(),
    "check": big_check(),
    "empty": result(),
    "long-word": result_full_of("W" * 3000),
    "records": run_of_all_forms(),
    "afterwards": run_with_everything_after(),
    "markup": result_full_of("<script>document.title='x'</script><img src=https://example.org/x.png>"),
}

FAINTEST = """
(() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let faintest = [21, ""];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < faintest[0]) faintest = [contrast, node.className + ": " + node.textContent.slice(0, 40)];
  }
  return faintest;
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def written(ended: Result, folder: Path, language: Language = Language.EN) -> Path:
    return write_page(ended, folder, language)


FONTS = (
    "",
    "* { font-family: serif !important; }",
    "* { font-family: monospace !important; }",
    "* { font-family: cursive !important; }",
    "* { font-family: sans-serif !important; letter-spacing: 0.1em !important; }",
    "* { font-family: monospace !important; letter-spacing: 0.1em !important; }",
)
"""The page's own font and others. What a machine has for a family differs; with blanks between its letters any of them
is wider than every font that people read by."""

BEYOND = """
(() => {
  const width = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return found.slice(0, 5).map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`);
})()
"""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("story", STORIES)
def test_nothing_scrolls_the_page_sideways_whatever_the_font(
    story: str, language: Language, browser: Browser, tmp_path: Path
) -> None:
    page = written(STORIES[story], tmp_path, language)
    for width in (360, 700, 1280):
        browser.show(page, width)
        for font in FONTS:
            browser.restyle(font)
            assert browser.ask("innerWidth") == width
            assert browser.ask("document.documentElement.scrollWidth") <= width, (width, font, browser.ask(BEYOND))


@pytest.mark.parametrize("story", STORIES)
def test_the_browser_has_nothing_to_complain_about_and_nothing_to_fetch(
    story: str, browser: Browser, tmp_path: Path
) -> None:
    page = written(STORIES[story], tmp_path)
    before = len(browser.requests), len(browser.complaints)
    browser.show(page, 1280)
    assert browser.requests[before[0] :] == [page.as_uri()]
    assert browser.complaints[before[1] :] == []
    assert browser.ask("document.images.length") == 0
    assert browser.ask("document.documentElement.className") == "scripted"
    assert browser.ask("getComputedStyle(document.querySelector('table') ?? document.body).borderCollapse")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("story", ["good", "troubled", "check"])
def test_all_text_stands_out_from_its_ground(story: str, dark: bool, browser: Browser, tmp_path: Path) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 at least."""
    browser.show(written(replace(STORIES[story], sandbox=True), tmp_path), 1280, dark=dark)
    contrast, where = browser.ask(FAINTEST)
    assert contrast >= 4.5, where


def test_the_two_schemes_differ(browser: Browser, tmp_path: Path) -> None:
    page = written(STORIES["good"], tmp_path)
    grounds = []
    for dark in (False, True):
        browser.show(page, 1280, dark=dark)
        grounds.append(browser.ask("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_can_be_photographed_and_printed(width: int, browser: Browser, tmp_path: Path) -> None:
    browser.show(written(STORIES["troubled"], tmp_path), width)
    browser.picture(tmp_path / "page.png")
    browser.printed(tmp_path / "page.pdf")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
