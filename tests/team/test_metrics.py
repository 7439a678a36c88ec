"""The figures of a worker: what they count, and that they name nobody."""

import re
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest

from importer.errors import SetupError
from importer.store.database import Database
from importer.store.notices import Notice, add_notices
from importer.store.submissions import SubmissionState, add_submission, end, sum_of, take
from importer.translations import Language
from tests.cli.commands import importer, settings_for, started
from tests.cli.workbooks import line, write
from tests.faulty_service import faulty_service
from tests.postgres import new_address
from tests.store.test_submissions import BOOK, NEW

pytest.importorskip("prometheus_client", reason="figures: pip install -e '.[dev]' brings prometheus-client")

from importer.team.health import metrics_at  # the extra `team` is there

SAMPLE = re.compile(r"^(importer_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def figures(port: int) -> dict[tuple[str, str], float]:
    """What is served there: values by name and labels."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(text)}


def test_submissions_and_journals_are_counted_and_nobody_is_named(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 's.db'}"
    rows = [line(f"J{number}", side, 10 + number, treference=f"R{number}") for number in range(3) for side in "DC"]
    write(tmp_path / "june.xlsx", rows)
    with faulty_service(others=False) as service:
        given = settings_for(service.url, tmp_path / "s.db")
        importer("run", "june.xlsx", "--yes", "--no-wait", folder=tmp_path, **given)
    with closing(Database(store)) as database:
        for profile in ("", "north", "north", "gone"):
            add_submission(database, replace(NEW, profile=profile), {sum_of(BOOK): BOOK})
        taken = take(database, 2)
        assert taken is not None and end(database, taken, SubmissionState.DONE, exit_code=0)
        with database.transaction() as connection:
            doubt = "UPDATE journals SET state = 'unknown', in_doubt_since = ? WHERE document_key = 'J1'"
            connection.execute(doubt, ("2001-01-01T00:00:00+00:00",))
            connection.execute("UPDATE journals SET company = 'practice/5/x' WHERE document_key = 'J2'")
        add_notices(database, [Notice("submission 2 done", "north", "ana@example.org", "{}")])
    with metrics_at("127.0.0.1", 0, store, ["", "north"], Language.EN) as port:
        found = figures(port)
        served = urlopen(f"http://127.0.0.1:{port}/", timeout=10).read().decode()
    counted = {labels: value for (name, labels), value in found.items() if name == "importer_submissions" and value}
    assert counted == {
        'profile="0",state="queued"': 1,
        'profile="1",state="queued"': 1,
        'profile="1",state="done"': 1,
        'profile="other",state="queued"': 1,
    }
    assert found["importer_submissions", 'profile="1",state="stopped"'] == 0
    journals = {labels: value for (name, labels), value in found.items() if name == "importer_journals"}
    assert journals == {'state="posted"': 1, 'state="unknown"': 1}
    assert found["importer_oldest_doubt_seconds", ""] > 20 * 365 * 86_400 and found["importer_store_up", ""] == 1
    waiting = {labels: value for (name, labels), value in found.items() if name == "importer_notices"}
    assert waiting == {'state="waiting"': 1, 'state="sent"': 0, 'state="dropped"': 0}
    assert not re.search("north|gone|june|treasurer|5326|R1|ana", served)


def test_a_store_that_is_away_is_told_and_a_port_in_use_is_refused(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}"  # a folder
    with metrics_at("127.0.0.1", 0, store, [""], Language.EN) as port:
        assert figures(port) == {("importer_store_up", ""): 0}
        with pytest.raises(SetupError, match="metrics-port"), metrics_at("127.0.0.1", port, store, [], Language.EN):
            pass


@pytest.mark.parametrize("text", ["0x50", "70000", ":9464", "host:", "-1", "٣"])
def test_what_is_no_address_is_refused(tmp_path: Path, text: str) -> None:
    ended = importer("worker", "--metrics", text, folder=tmp_path)
    assert ended.code == 2 and "9464" in ended.err


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_worker_serves_them_and_counts_itself(tmp_path: Path) -> None:
    (tmp_path / "importer.toml").write_text('[profile.north]\nurl = "https://x"\n', encoding="utf-8")
    with new_address() as store, faulty_service(others=False) as service:
        given = settings_for(service.url, tmp_path / "unused") | {"IMPORTER_STORE": store}
        worker = started("importer", "worker", "--metrics", "0", "--lang", "en", folder=tmp_path, **given)
        try:
            assert worker.stdout is not None
            lines = [worker.stdout.readline() for _ in range(2)]
            (address,) = re.findall(r"http://127\.0\.0\.1:(\d+)/metrics; .* 0 –, 1 north$", lines[1].strip())
            found: dict[tuple[str, str], float] = {}
            while not found.get(("importer_workers", "")):  # it is there a moment after its figures
                found = figures(int(address))
            assert found["importer_workers", ""] == 1
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
        assert worker.returncode == 0
