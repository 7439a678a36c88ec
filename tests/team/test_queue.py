"""The queue brings workers to what is due, to what was begun first, and to nothing twice."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from importer.store.database import Database
from importer.store.submissions import add_submission, take
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
    jobs = [(job["queueing_lock"], job["queue_name"], job["priority"]) for job in connector.jobs.values()]
    assert jobs == [("submission 1", "profile north", 0), ("submission 2", "profile north", 1)]
    assert sum("defer" in name for name in asked) == 2
