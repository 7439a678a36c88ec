"""Reports opened in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from importer.model.results import Result
from importer.report.page import write_page
from importer.translations import Language
from tests.report.browser import CHROMIUM, Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright  # takes a third of a second, and only long tests ask for it

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opening(browser: "Browser", tmp_path: Path) -> Iterator[Any]:
    """Opens the page of a result; none of them may complain of anything or ask for anything."""
    pages: list[Opened] = []

    def opened(ended: Result, language: Language = Language.EN, **how: Any) -> Opened:
        pages.append(Opened(browser, write_page(ended, tmp_path / "reports", language), **how))
        return pages[-1]

    yield opened
    for one in pages:
        assert one.complaints == []
        one.context.close()
