"""`importer doctor`: each thing that is not in order is one line with what to do, and nothing secret is told."""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from importer.errors import SetupError
from importer.store.database import Database
from importer.store.leases import Holder, Lease, forget_worker, note_worker
from importer.store.notices import Notice, add_notices, end_try, take_notice
from importer.store.schema import MIGRATIONS
from importer.store.submissions import (
    SubmissionState,
    add_submission,
    end,
    find_submission,
    hold,
    sum_of,
    take,
    withdraw,
)
from tests.cli.commands import Ended, importer, settings_for
from tests.postgres import new_address
from tests.store.test_submissions import BOOK, NEW


def examined(folder: Path, **given: str) -> tuple[int, set[str], str]:
    """The exit code, the codes of what was found, and all that was told."""
    ended: Ended = importer("doctor", "--json", folder=folder, **given)
    document: dict[str, Any] = json.loads(ended.out)
    assert document["schema"] == "importer.doctor/1"
    assert all(one["text"] and "\n" not in one["text"] for one in document["findings"])
    codes = [one["code"] for one in document["findings"]]
    assert len(codes) == len(set(codes)) or "shared-login" in codes
    return ended.code, set(codes), ended.out + ended.err


@pytest.mark.parametrize(("lang", "well"), [("en", "All is well."), ("es", "Todo está en orden."), ("fr", "Tout est")])
def test_a_machine_without_anything_is_in_order_and_nothing_is_made(tmp_path: Path, lang: str, well: str) -> None:
    ended = importer("doctor", "--lang", lang, folder=tmp_path, IMPORTER_STORE=f"sqlite:///{tmp_path / 's.db'}")
    assert ended.code == 0 and well in ended.out and not (tmp_path / "s.db").exists()
    assert "importer login" in ended.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_profiles_that_cannot_log_in_are_named_and_their_secrets_are_not(tmp_path: Path) -> None:
    secrets = tmp_path / "open.toml"
    secrets.write_text('url = "https://x"\nuserid = "u"\npassword = "canary-password"\n', encoding="utf-8")
    secrets.chmod(0o644)
    good = tmp_path / "good.toml"
    good.write_text('url = "https://y"\nuserid = "u"\npassword = "canary-password"\n', encoding="utf-8")
    good.chmod(0o600)
    tables = {
        "nowhere": 'userid = "u"\n',
        "bare": 'url = "https://x"\nuserid = "u"\nemail = "e@x"\n',
        "open": f'url = "https://x"\nuserid = "u"\nemail = "e@x"\nsecrets = {json.dumps(str(secrets))}\n',
        "good": f'url = "https://y"\nuserid = "u"\nemail = "e@x"\nsecrets = {json.dumps(str(good))}\n',
    }
    text = "".join(f"[profile.{name}]\n{table}" for name, table in tables.items())
    (tmp_path / "importer.toml").write_text(text, encoding="utf-8")
    store = {"IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"}
    given = {"SPX_PASSWORD__NOWHERE": "canary-password"} | store
    code, found, told = examined(tmp_path, **given)
    assert code == 1 and found == {"no-address-of-profile", "no-credentials-of-profile", "secrets-not-private"}
    assert "SPX_PASSWORD__BARE" in told and str(secrets) in told and "Profile good" in told
    assert "canary-password" not in told
    assert examined(tmp_path, **given, IMPORTER_PROFILE="good")[1] == found
    for name in ("nowhere", "bare"):  # where SPX_… without the profile's name is not read, it is not asked for either
        watched = importer("watch", tmp_path, "--profile", name, folder=tmp_path, **given, SPX_URL="https://x")
        assert watched.code == 3 and f"profile {name}" in watched.err


def test_what_keeps_a_worker_or_a_run_from_working_is_told_before_it_is_started(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reports = json.dumps(str(tmp_path / "file"))
    text = (
        '[notices.mail]\nhost = "smtp.example.org"\nfrom = "a@example.org"\nto = ["b@example.org"]\nuser = "u"\n'
        '[schedule]\npayroll = { at = "0 13 * * 1-5", folder = "payroll", profile = "north" }\n'
        f'[profile.north]\nurl = "https://x"\nuserid = "u"\nemail = "e@x"\nreports = {reports}\n'
        '[profile.south]\nurl = "https://x/"\nuserid = "u"\nemail = "e@x"\nstore = "sqlite:///south.db"\n'
    )
    (tmp_path / "importer.toml").write_text(text, encoding="utf-8")
    secrets = {f"{name}__{profile}": "x" for name in ("SPX_PASSWORD", "SPX_API_KEY") for profile in ("NORTH", "SOUTH")}
    code, found, told = examined(tmp_path, **secrets)
    assert code == 1
    assert found == {"report", "notices-no-secret", "two-stores", "queue-needs-postgresql"}
    assert "sqlite:///south.db" in told and "IMPORTER_SMTP_PASSWORD" in told
    given = secrets | {"IMPORTER_SMTP_PASSWORD": "x", "IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"}
    assert examined(tmp_path, **given)[1] == {"report", "queue-needs-postgresql"}


def test_an_older_store_is_told_and_stays_as_it_is(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 's.db'}"
    Database(address).close()
    with closing(sqlite3.connect(tmp_path / "s.db")) as file:
        file.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    code, found, told = examined(tmp_path, IMPORTER_STORE=address)
    assert (code, found) == (1, {"store-older"}) and f"version {len(MIGRATIONS)}" in told
    with closing(sqlite3.connect(tmp_path / "s.db")) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) - 1,)
    assert [one.name for one in tmp_path.glob("*.bak")] == []


def test_a_policy_that_was_copied_into_a_file_is_told(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 's.db'}"
    with closing(Database(address)) as database, database.transaction() as connection:
        connection.execute("INSERT INTO policies (text, set_by, set_at) VALUES ('approval = []', 'ana', 't')")
    assert examined(tmp_path, IMPORTER_STORE=address)[:2] == (1, {"policy-in-file"})


def test_what_was_stopped_is_told_until_somebody_has_looked_at_it(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 's.db'}"

    def stopped(database: Database, **changes: Any) -> int:
        number = add_submission(database, replace(NEW, **changes), {sum_of(BOOK): BOOK})
        taken = take(database, number)
        assert taken is not None and end(database, taken, SubmissionState.STOPPED, stop="wrong-company")
        return number

    with closing(Database(store)) as database:
        stopped(database, source="folder 20180630-170501-3fa9c2")
        number = stopped(database)
        code, found, told = examined(tmp_path, IMPORTER_STORE=store)
        assert (code, found) == (1, {"stopped"}) and f"importer submissions {number} --withdraw" in told
        again = stopped(database)
        assert f"importer submissions {again} --withdraw" in examined(tmp_path, IMPORTER_STORE=store)[2]
        assert withdraw(database, again) and find_submission(database, again).state is SubmissionState.WITHDRAWN
        assert examined(tmp_path, IMPORTER_STORE=store)[0] == 0


def test_a_run_that_takes_very_long_is_told_with_its_process(tmp_path: Path) -> None:
    store, now = f"sqlite:///{tmp_path / 's.db'}", datetime.now(UTC)
    with closing(Database(store)) as database:
        for minutes in (90, 30):
            run = f"{now - timedelta(minutes=minutes):%Y%m%d-%H%M%S}-3fa9c2"
            taken = take(database, add_submission(database, NEW, {sum_of(BOOK): BOOK}))
            assert taken is not None and hold(database, taken, run=run)
            holder = Holder("ana", "accounts/boot 1", 4000 + minutes, -1.0)
            assert Lease(database, f"company {minutes}", run, holder).take() is None
        code, found, told = examined(tmp_path, IMPORTER_STORE=store)
        assert (code, found) == (1, {"long-run"}) and "90 minutes" in told and "4090 on accounts)" in told
        with database.transaction() as connection:
            connection.execute("UPDATE submissions SET due = 0")  # nobody runs it any more: a worker takes it again
        assert examined(tmp_path, IMPORTER_STORE=store)[0] == 0


def test_notices_that_were_given_up_are_told_with_their_recipient(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 's.db'}"
    with closing(Database(store)) as database:
        add_notices(database, [Notice("submission 7 done", "", "ana@example.org", "{}")])
        assert examined(tmp_path, IMPORTER_STORE=store)[0] == 0
        waiting = take_notice(database, {"": ["ana@example.org"]})
        assert waiting is not None
        end_try(database, waiting, fault="550 5.1.1 no such user")
    code, found, told = examined(tmp_path, IMPORTER_STORE=store)
    assert (code, found) == (1, {"notices-dropped"})
    assert "ana@example.org" in told and "submission 7 done" in told and "550 5.1.1" in told


def test_a_store_that_cannot_be_used_is_a_finding(tmp_path: Path) -> None:
    code, found, _ = examined(tmp_path, IMPORTER_STORE=f"sqlite:///{tmp_path}")
    assert code == 1 and found == {"store"}
    code, found, told = examined(tmp_path, IMPORTER_STORE="postgresql://u:canary-password@127.0.0.1:1/x")
    assert code == 1 and found <= {"store-away", "team-missing"} and "canary-password" not in told


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Database, dict[str, str]]]:
    """A store in PostgreSQL."""
    with new_address() as address, closing(Database(address)) as database:
        yield database, {"IMPORTER_STORE": address}


@pytest.mark.long
def test_workers_that_lack_are_told(tmp_path: Path, office: tuple[Database, dict[str, str]]) -> None:
    from importer.team.queue import enqueue

    database, given = office
    assert examined(tmp_path, **given)[:2] == (0, set())
    number = add_submission(database, NEW, {sum_of(BOOK): BOOK})
    enqueue(given["IMPORTER_STORE"], [find_submission(database, number)])
    assert examined(tmp_path, **given)[:2] == (1, {"no-worker"})
    note_worker(database, ["", "south"])
    code, found, told = examined(tmp_path, **given)
    assert (code, found) == (1, {"unserved"}) and "north" in told
    note_worker(database, ["north"])
    assert examined(tmp_path, **given)[:2] == (0, set())
    with database.transaction() as connection:
        connection.execute("UPDATE submissions SET due = due - 1200")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    code, found, told = examined(tmp_path, **given)
    assert (code, found) == (1, {"waits", "stalled"}) and " 20 minutes" in told
    with database.transaction() as connection:
        connection.execute("UPDATE workers SET seen = seen - 61")
    assert examined(tmp_path, **given)[1] == {"no-worker"}
    note_worker(database, ["north"])
    forget_worker(database)
    assert examined(tmp_path, **given)[1] == {"no-worker"} and os.getpid() > 0


@pytest.mark.long
def test_a_schedule_that_submits_nothing_is_told(tmp_path: Path, office: tuple[Database, dict[str, str]]) -> None:
    database, given = office
    text = (
        '[schedule]\nlate = { at = "61 * * * *", folder = ".", profile = "north" }\n'
        'gone = { at = "0 * * * *", folder = "gone", profile = "north" }\n'
        'other = { at = "0 * * * *", folder = ".", profile = "south" }\n'
        '[profile.north]\nurl = "https://x"\nuserid = "u"\nemail = "e@x"\n'
    )
    (tmp_path / "importer.toml").write_text(text, encoding="utf-8")
    given |= {"SPX_PASSWORD__NORTH": "x", "SPX_API_KEY__NORTH": "x"}
    code, found, _ = examined(tmp_path, **given)
    assert (code, found) == (1, {"bad-setting", "folder-away", "schedule-profile", "schedule-idle"})
    (tmp_path / "importer.toml").write_text(text.replace("61", "59").replace("south", "north"), encoding="utf-8")
    (tmp_path / "gone").mkdir()
    note_worker(database, ["north"])
    assert examined(tmp_path, **given)[:2] == (0, set())


@pytest.mark.long
def test_logins_that_make_approval_impossible_are_told(tmp_path: Path, office: tuple[Database, dict[str, str]]) -> None:
    database, given = office
    for person in ("ana", "rosa"):
        add_submission(database, replace(NEW, submitted_by=person), {sum_of(BOOK): BOOK})
    note_worker(database, ["north"])
    assert examined(tmp_path, **given)[:2] == (0, set())
    (tmp_path / "policy.toml").write_text('[[approval]]\npeople = ["nobody-here"]\n', encoding="utf-8")
    assert importer("policy", "set", "policy.toml", folder=tmp_path, **given).code == 0
    code, found, told = examined(tmp_path, **given)
    assert code == 1 and {"shared-login", "no-login"} <= found <= {"shared-login", "no-login", "one-login"}
    assert "ana" in told and "rosa" in told and "nobody-here" in told
    with database.transaction() as connection:
        connection.execute("INSERT INTO policies (text, set_by, set_at) VALUES ('[[x', 'a', 'b')")
    assert examined(tmp_path, **given)[1] == {"policy-unreadable"}


@pytest.mark.long
def test_a_doubt_that_should_have_settled_is_told(tmp_path: Path) -> None:
    from tests.cli.workbooks import line, write
    from tests.faulty_service import faulty_service

    write(tmp_path / "june.xlsx", [line("J1", side, 10) for side in "DC"])
    with faulty_service(others=False) as service:
        given = settings_for(service.url, tmp_path / "s.db")
        assert importer("run", "june.xlsx", "--yes", folder=tmp_path, **given).code == 0
    assert examined(tmp_path, **given)[0] == 0
    with closing(Database(given["IMPORTER_STORE"])) as database, database.transaction() as connection:
        doubt = "UPDATE journals SET state = 'unknown', journal_number = NULL, in_doubt_since = ?"
        connection.execute(doubt, ("2018-06-30T17:05:01+00:00",))
    code, found, told = examined(tmp_path, **given)
    assert (code, found) == (1, {"doubt"}) and "2018-06-30T17:05" in told
    with pytest.raises(SetupError, match="no-submission"), closing(Database(given["IMPORTER_STORE"])) as database:
        find_submission(database, 1)
