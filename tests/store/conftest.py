"""A store of either kind: what the program does with one it does with the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.store.database import Database
from tests.postgres import new_address

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 's.db'}"
    else:
        with new_address() as address:
            yield address


@pytest.fixture(params=KINDS)
def timed_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same, where the test says what time it is."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 's.db'}"
    else:
        with new_address(has_clock=True) as address:
            yield address


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    database = Database(address)
    yield database
    database.close()
