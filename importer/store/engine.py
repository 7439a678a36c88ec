"""What a kind of database must do to hold a store: the interface between `store.database` and its two engines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

WAIT_SECONDS = 30.0
"""How long a statement waits for another process that writes."""


class Cursor(Protocol):
    """What a statement gives: rows, each with its columns by number and by name, or how many rows it has changed."""

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What a transaction executes: statements that both databases understand, values as `?` or `:name`. `rowid` numbers
    the rows of a table in the order in which they were added."""

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ..., /) -> Cursor:
        """One statement."""

    def executemany(self, statement: str, values: Iterable[Any], /) -> object:
        """One statement for each of the values."""


class Engine(Protocol):
    """A kind of database, opened by its address. In SQL `clock()` is its clock, in seconds since 1970: leases are told
    by it and by no other."""

    name: str
    """The address, without a password."""

    login_role: str
    """The person of the connection, as the server knows it; `""` where nobody is told from others."""

    @property
    def connection(self) -> Connection:
        """What the open transaction executes on."""

    def begin(self, company: str) -> None:
        """Begins a transaction that writes. Two of one company (the key of the fingerprints) never overlap."""

    def begin_reading(self) -> None:
        """Begins a look at the store as it is at one moment; waits for nobody and keeps nobody waiting."""

    def commit(self) -> None:
        """Commits the open transaction, durably."""

    def roll_back(self) -> None:
        """Ends the open transaction, if there is one, without a trace."""

    def translated(self) -> AbstractContextManager[None]:
        """Turns the errors of the database into SetupError."""

    def number_on(self, table: str, column: str) -> None:
        """After rows came with their numbers: the next one gets a higher one."""

    def faults(self) -> Iterable[str]:
        """What is damaged, in the words of the database."""

    def close(self) -> None:
        """Closes the connection."""
