"""The figures of the page's pictures, which its templates draw as inline SVG."""

from importer.model.results import Result, Status
from importer.report.sentences import count_text, status_words
from importer.translations import Language

WIDTH_OF_BAR = 1000
LEAST_OF_BAR = 6
"""So that one journal among thousands is seen."""


def bar_of(result: Result) -> list[tuple[Status, float, float]]:
    """The documents by state as one bar: where each state's part begins and how wide it is."""
    counts = [(status, count) for status, count in result.documents_by_status().items() if count]
    weights = [max(count / len(result.documents) * WIDTH_OF_BAR, LEAST_OF_BAR) for _, count in counts]
    scale, parts, at = WIDTH_OF_BAR / (sum(weights) or 1), [], 0.0
    for (status, _), weight in zip(counts, weights, strict=True):
        parts.append((status, round(at, 1), round(weight * scale, 1)))
        at += weight * scale
    return parts


def bar_words(result: Result, language: Language) -> str:
    counts = result.documents_by_status().items()
    return ", ".join(
        f"{status_words(status, language)} {count_text(count, language)}" for status, count in counts if count
    )
