"""What may become of a request to the faulty service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: `committed`, its work is done; `kind`, how the answer fails (see `_Handler`)."""

    kind: str
    committed: bool = False
    status: int = 0
    code: str = ""

    @property
    def is_in_doubt(self) -> bool:
        """True when the caller cannot know that nothing was done, and nothing was."""
        return not self.committed and self.kind not in ("220", "401", "404")


def _either_way(kind: str, status: int = 0, code: str = "") -> tuple[Fate, Fate]:
    return Fate(kind, False, status, code), Fate(kind, True, status, code)


FATES_OF_POSTINGS = (
    *(fate for kind in ("drop", "reset", "hang") for fate in _either_way(kind)),
    *(fate for status in (200, 500, 502, 504) for fate in _either_way("html", status)),
    *(fate for code in ("201", "202", "203", "299") for fate in _either_way("failure", 201, code)),
    *(fate for status in (202, 204, 206, 299) for fate in _either_way("status", status)),
    *(fate for status in (302, 307) for fate in _either_way("redirect", status)),
    *(Fate("refused", status=status) for status in (400, 403, 405, 413, 415, 429)),
    *(Fate(kind, committed=True) for kind in ("late", "late", "late-in-its-place", "cut", "torn", "drip")),
    *(Fate(kind) for kind in ("220", "401", "404")),
)
FATES_OF_READS = (Fate("drop"), Fate("reset"), Fate("cut", True), Fate("torn", True), Fate("html", status=502))
