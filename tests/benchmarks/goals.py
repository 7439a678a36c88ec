"""Figures, the goals they are held against, and the table of both."""

from dataclasses import dataclass

from tests.benchmarks.measuring import Taken


@dataclass(frozen=True)
class Figure:
    """A figure of this run. `most` or `least` is the goal it is held against, None for one that is only told."""

    name: str
    value: float
    unit: str = "times"
    most: float | None = None
    least: float | None = None

    @property
    def is_held(self) -> bool:
        """True unless the goal is missed."""
        too_much = self.most is not None and self.value > self.most
        return not too_much and (self.least is None or self.value >= self.least)

    def row(self) -> list[str]:
        """The figure as a row of a table."""
        goal = f"at most {self.most:g}" if self.most is not None else ""
        goal = f"at least {self.least:g}" if self.least is not None else goal
        verdict = "" if not goal else "held" if self.is_held else "MISSED"
        return [self.name, f"{self.value:.2f} {self.unit}", goal, verdict]


def taken_row(name: str, taken: Taken) -> list[str]:
    """What a command took as a row of a table."""
    return [name, f"{taken.wall:.2f} s", f"{taken.cpu:.2f} s", f"{taken.megabytes:.0f} MB"]


def table(headings: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, aligned for people."""
    widths = [max(len(row[place]) for row in [headings, *rows]) for place in range(len(headings))]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
