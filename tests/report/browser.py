"""A report's page in the distribution's Chromium."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""Where Chromium is; None where there is none."""


class Opened:
    """A page in the browser with whatever it complained about or asked for."""

    def __init__(self, browser: "Browser", file: Path, **how: Any) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **how)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda told: self.complaints.append(told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.complaints.append(asked.url))
        self.page.goto(file.as_uri())
        assert self.complaints == [file.as_uri()]
        self.complaints.clear()

    def rows(self) -> list[str]:
        """What is found, a problem a text."""
        return self.page.locator(".list .findings li").all_inner_texts()

    def counted(self) -> str:
        """How many are found, as the page says."""
        return self.page.locator(".live .pager").first.inner_text()

    def restyle(self, rules: str) -> None:
        """Adds rules of CSS in place of those added before; the page's policy allows no other way."""
        self.page.evaluate(
            "(rules) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
            " document.adoptedStyleSheets = [sheet]; }",
            rules,
        )
