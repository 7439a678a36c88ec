"""Reports opened in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from importer.model.results import Result
from importer.report.page import write_page
from importer.translations import Language
from tests.report.browser import CHROMIUM, Opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opening(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Opens the page of a result; none of them may complain of anything or ask for anything."""
    pages: list[Opened] = []

    def opened(ended: Result, language: Language = Language.EN, **how: Any) -> Opened:
        pages.append(Opened(browser, write_page(ended, tmp_path / "reports", language), **how))
        return pages[-1]

    yield opened
    for one in pages:
        assert one.complaints == []
        one.context.close()
