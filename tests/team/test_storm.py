"""Workers that are killed and a server that crashes: every workbook ends, and every journal is in its ledger once."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")

from tests.team.storm import Storm, office

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9"),
]

SIXTY = Storm(profiles=10, books=6, workers=3, kills=(6, 18), cuts=(), crashes=(12,), most_seconds=230)


def test_sixty_workbooks_go_through_killed_workers_and_a_server_that_crashes(tmp_path: Path) -> None:
    with office(tmp_path, SIXTY) as there:
        there.submit_all()
        has_ended = there.run()
        log = (tmp_path / "workers.log").read_text(errors="replace")
        assert has_ended and there.states() == {"done": SIXTY.submissions}, log[-3000:]
        assert there.posted_otherwise_than_once() == {}
        assert there.exit_codes() == {0: SIXTY.submissions}
        assert there.end_workers() == {0}
