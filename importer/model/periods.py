"""Accounting periods and calendar months, as the services write them."""

import re

_PERIOD = re.compile("[1-9][0-9]{6}")
_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")


class Period(str):
    """An accounting period, `yyyyppp`: year, then a number from 001 (June 2018 is 2018006, P-01).

    It is a text of seven digits and compares, sorts and prints as one. Numbers above 12 are adjustment periods (P-02).
    Raises ValueError for anything else, such as the wire's 0; `Period.read` is the lenient way in.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> "Period":
        if not _PERIOD.fullmatch(text) or text.endswith("000"):
            raise ValueError(f"not a period: {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, year: int, number: int) -> "Period":
        """The period with that number (1 to 999) of that year. Raises ValueError when there is none."""
        return cls(f"{year:04d}{number:03d}")

    @classmethod
    def read(cls, value: str | int | None) -> "Period | None":
        """A period of an answer: text or number (P-03), perhaps with blanks at its end (P-04). None for none: null,
        an empty text, 0 (P-05). Raises ValueError for anything else."""
        text = "" if value is None else str(value).rstrip(" ")
        return None if text.strip("0") == "" else cls(text)

    @property
    def year(self) -> int:
        """The year, four digits."""
        return int(self[:4])

    @property
    def number(self) -> int:
        """The number within the year: 1 to 12 are its months in most ledgers."""
        return int(self[4:])

    @property
    def is_adjustment(self) -> bool:
        """True above 12: the contract has no such period, a ledger may (P-02)."""
        return self.number > 12

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"


class Month(str):
    """A calendar month, `yyyy-mm` (S-05). Raises ValueError for anything else."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Month":
        if not _MONTH.fullmatch(text):
            raise ValueError(f"not a month: {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, year: int, number: int) -> "Month":
        """The month with that number (1 to 12). Raises ValueError when there is none."""
        return cls(f"{year:04d}-{number:02d}")

    def __repr__(self) -> str:
        return f"Month({str(self)!r})"
