"""The queue brings workers to what is due, to what was begun first, and to nothing twice."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from importer.store.database import Database
from importer.store.submissions import SubmissionState, add_submission, end, take
from tests.store.test_submissions import NEW


def test_a_look_gives_jobs_to_what_is_due_here_and_a_second_one_writes_nothing(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    testing = pytest.importorskip("procrastinate.testing", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    from procrastinate import App

    from importer.team.queue import sweep

    store = f"sqlite:///{tmp_path / 's.db'}"
    with closing(Database(store)) as database:
        for profile, source in (("north", "submit"), ("north", "submit"), ("south", "submit"), ("north", "folder x")):
            add_submission(database, replace(NEW, profile=profile, source=source), {})
        for _ in range(5):
            add_submission(database, replace(NEW, profile="north"), {})
        waiting, settling = SubmissionState.WAITING, SubmissionState.SETTLING
        ends = [
            (5, waiting, 3),
            (6, waiting, None),
            (7, waiting, 130),
            (8, settling, 4),
            (9, settling, 4),
            (9, waiting, 3),
        ]
        for number, state, exit_code in ends:
            assert (taken := take(database, number)) is not None
            assert end(database, taken, state, exit_code=exit_code)
        assert take(database, 2) is not None
        with database.transaction() as connection:
            connection.execute("UPDATE submissions SET due = 0 WHERE id = 2")  # whoever took it is gone
    connector = testing.InMemoryConnector()
    app = App(connector=connector)

    async def look_thrice() -> list[str]:
        async with app.open_async():
            for _ in range(3):
                await sweep(app, store, {"north": {}})
            return [name for name, _ in connector.queries]

    asked = asyncio.run(look_thrice())
    assert {job["queue_name"] for job in connector.jobs.values()} == {"profile north"}
    jobs = [(job["queueing_lock"], job["priority"]) for job in connector.jobs.values()]
    # The fifth has not begun, for its service is away: it comes again and again, and must not go before others.
    assert jobs == [(f"submission {number}", int(number not in (1, 5))) for number in (1, 2, *range(5, 10))]
    assert sum("defer" in name for name in asked) == len(jobs)
