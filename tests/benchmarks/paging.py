"""The page in Chromium: how soon the search box answers the first keystroke, and how long its tasks are while one
scrolls and leafs through it."""

from tests.benchmarks.checking import Asked
from tests.benchmarks.goals import Figure, table

FEW, MANY = 1_000, 100_000
SCREENS = 100
KEYSTROKE = """() => new Promise((resolve) => {
  const input = document.querySelector("#live input"), start = performance.now();
  const seen = new MutationObserver(() => resolve(performance.now() - start));
  seen.observe(document.querySelector(".list"), {childList: true});
  input.value = "DIA-05";
  input.dispatchEvent(new Event("input"));
})"""
SCROLL = """async (screens) => {
  await new Promise((resolve) => requestIdleCallback(resolve));
  const tasks = [];
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)));
  watch.observe({type: "longtask"});
  const next = document.querySelectorAll("#live .pager button")[1];
  for (let screen = 0; screen < screens; screen++) {
    scrollBy(0, innerHeight);
    if (screen % 5 === 4) { next.click(); document.getElementById("live").scrollIntoView(); }
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
  return Math.max(0, ...tasks);
}"""


def paging(asked: Asked) -> tuple[str, list[Figure]]:
    """Pages of few and of many problems. Needs Playwright (extra `dev`) and Chromium."""
    from playwright.sync_api import sync_playwright

    from importer.report.page import write_page
    from importer.translations import Language
    from tests.report.browser import CHROMIUM
    from tests.report.test_page_script import many_problems

    keystrokes: dict[int, float] = {}
    longest: dict[int, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for count in (FEW, MANY):
            page = write_page(many_problems(count), asked.folder, Language.EN)
            waits = []
            for _ in range(asked.times):
                shown = browser.new_page(viewport={"width": 1280, "height": 900})
                shown.goto(page.as_uri())
                waits.append(shown.evaluate(KEYSTROKE))
                shown.reload()
                longest[count] = min(longest.get(count, float("inf")), shown.evaluate(SCROLL, SCREENS))
                shown.close()
            keystrokes[count] = min(waits)
        browser.close()
    rows = [[f"{count:,}", f"{keystrokes[count]:.1f} ms", f"{longest[count]:.0f} ms"] for count in (FEW, MANY)]
    figures = [
        Figure("first answered keystroke, 100,000 problems beside 1,000", keystrokes[MANY] / keystrokes[FEW], most=3),
        Figure(f"longest task while {SCREENS} screens are scrolled", longest[MANY], "ms", most=200),
    ]
    return table(["problems", "first answered keystroke", "longest task"], rows), figures
