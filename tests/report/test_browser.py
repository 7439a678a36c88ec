"""In a real browser the page fits its window whatever the font, and has nothing to complain of or to fetch."""

from typing import Any

import pytest

from importer.translations import Language
from tests.report.big import big_check
from tests.report.records import run_of_all_forms
from tests.report.stories import good_run, result, run_over_a_folder, run_with_everything_after, troubled_run
from tests.report.test_hostile import result_full_of

pytestmark = pytest.mark.long

STORIES = {
    "good": good_run(),
    "troubled": troubled_run(),
    "check": big_check(),
    "empty": result(),
    "long-word": result_full_of("W" * 3000),
    "folder": run_over_a_folder(),
    "records": run_of_all_forms(),
    "afterwards": run_with_everything_after(),
    "markup": result_full_of("<script>document.title='x'</script><img src=https://example.org/x.png>"),
}

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
def test_nothing_scrolls_the_page_sideways_whatever_the_font(story: str, language: Language, opening: Any) -> None:
    one = opening(STORIES[story], language)
    one.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    for width in (360, 700, 1280):
        one.page.set_viewport_size({"width": width, "height": 900})
        for font in FONTS:
            one.restyle(font)
            reach = one.page.evaluate("document.documentElement.scrollWidth")
            assert reach <= width, (width, font, one.page.evaluate(BEYOND))


@pytest.mark.parametrize("story", STORIES)
def test_the_browser_has_nothing_to_complain_about_and_nothing_to_fetch(story: str, opening: Any) -> None:
    page = opening(STORIES[story]).page
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("document.documentElement.className") == "scripted"
    assert page.evaluate("getComputedStyle(document.querySelector('table') ?? document.body).borderCollapse")


def test_the_two_schemes_differ(opening: Any) -> None:
    grounds = {
        opening(good_run(), color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2
