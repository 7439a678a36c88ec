"""Processes that want the same company at once: each time one of them has it."""

import multiprocessing
from multiprocessing.synchronize import Barrier

import pytest

from importer.store.database import Database
from importer.store.leases import Holder, Lease

PROCESSES, COMPANIES = 4, 150

pytestmark = pytest.mark.long


def take_all(address: str, number: int, barrier: Barrier) -> list[bool]:
    """Which of the companies this process gets; all begin with each of them together."""
    database = Database(address)
    mine = Holder("me", "elsewhere", number, float(number))
    got = []
    for company in range(COMPANIES):
        barrier.wait()
        got.append(Lease(database, str(company), f"r{number}", mine).take() is None)
    database.close()
    return got


def test_of_four_processes_one_gets_each_of_many_leases(address: str) -> None:
    Database(address).close()
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, spawn.Pool(PROCESSES) as pool:
        barrier = manager.Barrier(PROCESSES)
        asked = [pool.apply_async(take_all, (address, number, barrier)) for number in range(PROCESSES)]
        got = [one.get() for one in asked]
    assert [sum(winners) for winners in zip(*got, strict=True)] == [1] * COMPANIES
