"""`importer check` from its start to its written result, beside what one would use instead."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.formatted import formatted_to_the_last_row
from tests.benchmarks.goals import Figure, table, taken_row
from tests.benchmarks.measuring import Taken, best_of, taken_by
from tests.benchmarks.workbooks import ALL_OF_EXCEL, Shape, workbook_of

SLOW_PEERS = ("pandas (openpyxl), pandera", "frictionless", "django-import-export")


@dataclass(frozen=True)
class Asked:
    """How to measure: where the workbooks are kept, how often each command runs, the Python of the importer and that of
    its peers (which may have libraries that the importer goes without), and whether the slow ones run too."""

    folder: Path
    times: int
    python: str
    peers: str
    all: bool


def check(asked: Asked, workbook: Path, code: int = 1) -> Taken:
    """The whole command on a workbook: page, JSON document and terminal lines written."""
    with tempfile.TemporaryDirectory() as reports:
        words = ("-m", "importer", "check", str(workbook), "--out", reports, "--json")
        return taken_by([asked.python, *words], codes=(code,))


def peer(asked: Asked, name: str, *words: str) -> Taken:
    """A peer's script."""
    return taken_by([asked.peers, "-m", f"tests.benchmarks.peers.{name}", *words])


def beside_peers(asked: Asked) -> tuple[str, list[Figure]]:
    """100,000 rows of which one in a hundred is bad."""
    workbook = workbook_of(Shape(100_000), asked.folder)
    path = str(workbook)
    measures: dict[str, Callable[[], Taken]] = {
        "python-calamine, rows only": partial(peer, asked, "raw_calamine", path),
        "importer check": partial(check, asked, workbook),
        "pandas (calamine), pandera": partial(peer, asked, "pandas_pandera", path, "calamine"),
    }
    if asked.all:
        for name, words in zip(SLOW_PEERS, _slow(path), strict=True):
            measures[name] = partial(peer, asked, *words)
    by_name = dict(zip(measures, best_of(asked.times, list(measures.values())), strict=True))
    ours = by_name["importer check"]
    raw = by_name["python-calamine, rows only"]
    figures = [
        Figure("importer check : python-calamine", ours.wall / raw.wall, most=1.6),
        Figure("the same in processor time", ours.cpu / raw.cpu),
        Figure("memory", ours.megabytes, "MB", most=350),
    ]
    goals = {"pandas (calamine), pandera": 2.0} | dict(zip(SLOW_PEERS, (4.0, 4.0, 12.0), strict=True))
    figures += [
        Figure(f"{name} : importer check", by_name[name].wall / ours.wall, least=goal)
        for name, goal in goals.items()
        if name in by_name
    ]
    rows = [[*taken_row(name, one), one.said if name != "importer check" else ""] for name, one in by_name.items()]
    return table(["100,000 rows, 1 % bad", "wall", "CPU", "memory", "found"], rows), figures


def _slow(path: str) -> list[tuple[str, ...]]:
    return [("pandas_pandera", path, "openpyxl"), ("frictionless_table", path), ("django_import", path)]


def starts(asked: Asked) -> tuple[str, list[Figure]]:
    """The help and a check of twenty rows, beside the import of the library that each of them cannot do without."""
    few = workbook_of(Shape(20, bad_in_a_hundred=0), asked.folder)
    commands = [
        partial(taken_by, [asked.python, "-c", "import click"]),
        partial(taken_by, [asked.python, "-m", "importer", "--help"]),
        partial(taken_by, [asked.python, "-c", "import pandera.polars"]),
        partial(check, asked, few, 0),
    ]
    click, shown, pandera, checked = best_of(max(asked.times, 7), commands)
    names = ("import click", "importer --help", "import pandera.polars", "importer check, 20 rows")
    rows = [taken_row(name, one) for name, one in zip(names, (click, shown, pandera, checked), strict=True)]
    figures = [
        Figure("importer --help : import click", shown.wall / click.wall, most=1.5),
        Figure("importer check of 20 rows : import pandera.polars", checked.wall / pandera.wall, most=1.5),
    ]
    return table(["starts", "wall", "CPU", "memory"], rows), figures


def growth(asked: Asked) -> tuple[str, list[Figure]]:
    """From a thousand rows to three hundred thousand, or to all that Excel can hold."""
    sizes = (1_000, 100_000, 300_000)
    books = [workbook_of(Shape(rows), asked.folder) for rows in sizes]
    few, many, more = best_of(asked.times, [partial(check, asked, book) for book in books])
    rows = [taken_row(f"{size:,} rows", one) for size, one in zip(sizes, (few, many, more), strict=True)]
    figures = [
        Figure("1,000 rows", few.wall, "s", most=1.2),
        Figure("300,000 : 100,000", more.wall / many.wall, most=3.3),
    ]
    if asked.all:
        full = check(asked, workbook_of(Shape(ALL_OF_EXCEL), asked.folder))
        rows.append(taken_row(f"{ALL_OF_EXCEL:,} rows", full))
        figures.append(Figure("all of Excel's rows", full.megabytes, "MB", most=4096))
    formats = formatted_to_the_last_row(asked.folder), workbook_of(Shape(1_000, 0), asked.folder)
    blank, bare = best_of(asked.times, [partial(check, asked, book, 0) for book in formats])
    rows += [taken_row("1,000 rows, formats to row 1,048,576", blank), taken_row("the same without formats", bare)]
    figures.append(Figure("what formats to the last row add", blank.wall - bare.wall, "s", most=1.0))
    return table(["importer check", "wall", "CPU", "memory"], rows), figures


def all_bad(asked: Asked) -> tuple[str, list[Figure]]:
    """100,000 rows with a mistake in each, beside the same number without any."""
    clean, bad = (workbook_of(Shape(100_000, share), asked.folder) for share in (0, 100))
    right, wrong = best_of(asked.times, [partial(check, asked, clean, 0), partial(check, asked, bad)])
    with tempfile.TemporaryDirectory() as reports:
        check_into = [asked.python, "-m", "importer", "check", str(bad), "--out", reports, "--json"]
        taken_by(check_into, codes=(1,))
        (page,) = Path(reports).glob("*.html")
        size, seconds = page.stat().st_size / 1024**2, _opening(page)
    rows = [taken_row("none bad", right), taken_row("all bad", wrong)]
    figures = [
        Figure("all bad : none bad", wrong.wall / right.wall, most=2),
        Figure("the page", size, "MB", most=15),
    ]
    if seconds is not None:
        figures.append(Figure("the page opens in a browser", seconds, "s", most=2))
    return table(["100,000 rows", "wall", "CPU", "memory"], rows), figures


def _opening(page: Path) -> float | None:
    """Seconds until a browser that is running already has loaded and laid out the page; None without Chromium or
    Playwright (extra `dev`)."""
    try:
        from playwright.sync_api import sync_playwright

        from tests.report.browser import CHROMIUM
    except ImportError:
        return None
    if CHROMIUM is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        shown.goto(page.as_uri())
        return float(shown.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")) / 1000
