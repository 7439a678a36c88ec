"""One company number at several addresses: what is true of one ledger says nothing about another one."""

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.translations import Language, say
from tests.cli.asking import Answered, Ask, asking
from tests.cli.commands import settings_for
from tests.cli.workbooks import line, write
from tests.independent_service import IndependentService, independent_service


@pytest.fixture
def real() -> Iterator[IndependentService]:
    with independent_service() as service:
        yield service


@pytest.fixture
def test() -> Iterator[IndependentService]:
    with independent_service() as service:
        yield service


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Ask:
    monkeypatch.delenv("SPX_URL", raising=False)
    return asking(settings_in(tmp_path), tmp_path, monkeypatch, capsysbinary)


def settings_in(folder: Path) -> dict[str, str]:
    """The environment that names everything but the service."""
    settings = settings_for("", folder / "s.db") | {"IMPORTER_SETTLE": "1"}
    del settings["SPX_URL"]
    return settings


def month(folder: Path, *keys: str) -> str:
    """A workbook of journals with these keys; the same key is the same journal in every month."""
    rows = [line(key, side, f"{sum(key.encode())}.10") for key in keys for side in "DC"]
    return write(folder / "month.xlsx", rows).name


def use(folder: Path, url: str, name: str | None = None) -> None:
    """The settings lead there; `name` is the setting `installation`."""
    text = f'url = "{url}"\n' + ("" if name is None else f'installation = "{name}"\n')
    (folder / "importer.toml").write_text(text, encoding="utf-8")


def statuses(answered: Answered) -> list[str]:
    return [one["status"] for one in json.loads(answered.out)["documents"]]


def said(answered: Answered) -> str:
    """What the command told, on whichever stream, with its lines joined."""
    return " ".join((answered.out.decode() + answered.err).split())


def references(service: IndependentService) -> dict[str, int]:
    """How often the ledger has each journal."""
    return dict(Counter(one.reference.removeprefix("REF-") for one in service.ledger.booked.values()))


def clone(of: IndependentService, into: IndependentService) -> None:
    into.ledger.booked.update(of.ledger.booked)
    into.ledger.last = of.ledger.last


def changed(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "s.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


OLDER = (
    "UPDATE journals SET installation = ''",
    "UPDATE runs SET installation = ''",
    "UPDATE linked_files SET installation = ''",
    "DELETE FROM installations",
)
"""The store as it is after the migration of one that an older program has written."""


def test_a_test_ledger_cloned_from_production_and_used_first(
    real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    """Both go on with the same numbers. Nothing of the test ledger makes a journal of the real one look posted."""
    rest = [line("X", side, "9.90") for side in "DC"]
    write(tmp_path / "before.xlsx", rest)
    use(tmp_path, real.url)
    assert ask("run", "before.xlsx").code == 0
    clone(real, test)
    changed(tmp_path, *OLDER)
    use(tmp_path, test.url)
    first = ask("run", "before.xlsx", month(tmp_path, "A", "B", "C"), "--json")
    assert (first.code, statuses(first)) == (0, ["already_posted", "posted", "posted", "posted"])
    use(tmp_path, real.url, "REAL")
    second = ask("run", "before.xlsx", month(tmp_path, "A", "B", "C"), "--json")
    assert (second.code, statuses(second)) == (0, ["already_posted", "posted", "posted", "posted"]), second.err
    for url in (real.url, test.url):
        use(tmp_path, url)
        again = ask("run", "before.xlsx", month(tmp_path, "A", "B", "C"), "--json")
        assert statuses(again) == ["already_posted"] * 4
    assert references(real) == references(test) == dict.fromkeys("XABC", 1)
    assert ask("audit").code == 0


def test_without_a_question_two_ledgers_that_show_nothing_of_each_other_are_two(
    real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    for service in (test, real):
        use(tmp_path, service.url)
        assert statuses(ask("run", month(tmp_path, "A", "B"), "--json")) == ["posted", "posted"]
    assert references(real) == references(test) == {"A": 1, "B": 1}


def test_an_address_that_shows_a_known_ledgers_journals_is_asked_about(
    real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    use(tmp_path, real.url)
    assert ask("run", month(tmp_path, "A", "B")).code == 0
    clone(real, test)
    use(tmp_path, test.url)
    held = ask("run", month(tmp_path, "B", "C"), "--yes")
    known = real.url.removeprefix("http://")
    assert held.code == 3 and f'installation = "{known}"' in said(held) and test.journals == []
    assert ask("audit").code == 3
    use(tmp_path, test.url, "TEST")
    own = ask("run", month(tmp_path, "B", "C"), "--json")
    assert (own.code, statuses(own)) == (0, ["already_posted", "posted"])
    use(tmp_path, real.url)
    assert statuses(ask("run", month(tmp_path, "B", "C"), "--json")) == ["already_posted", "posted"]
    assert references(real) == references(test) == dict.fromkeys("ABC", 1)


@pytest.mark.parametrize("has_posted", [True, False])
def test_a_renamed_host_with_one_journal_in_doubt(
    has_posted: bool, real: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    """Its request arrived late; the next command goes to another name of the same host."""
    real.unanswered["REF-B"] = None
    use(tmp_path, real.url)
    keys = ("A", "B") if has_posted else ("B",)
    first = ask("run", month(tmp_path, *keys), "--json", "--no-wait")
    assert first.code == 4 and "unknown" in statuses(first)
    late = real.unanswered.pop("REF-B")
    assert late is not None
    real.ledger.book(late, at=0)
    sent = len(real.journals)
    use(tmp_path, real.url.replace("127.0.0.1", "LOCALHOST"))
    for command in (["resume"], ["run", month(tmp_path, *keys)]):
        held = ask(*command)
        assert held.code == 3 and "installation = " in said(held) and len(real.journals) == sent
    use(tmp_path, real.url.replace("127.0.0.1", "LOCALHOST"), real.url.removeprefix("http://"))
    ended = ask("resume", "--json")
    assert ended.code == 0, ended.err
    assert [one["recovered"] for one in json.loads(ended.out)["documents"]].count(True) == 1
    use(tmp_path, real.url.replace("127.0.0.1", "localhost"))  # known by now
    assert set(statuses(ask("run", month(tmp_path, *keys), "--json"))) == {"already_posted"}
    assert references(real) == dict.fromkeys(keys, 1)


def test_two_names_at_once(real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path) -> None:
    for service, name in ((real, "REAL"), (test, "TEST")):
        use(tmp_path, service.url, name)
        assert ask("run", month(tmp_path, "A")).code == 0
    for name in ("TEST", "OTHER"):
        use(tmp_path, real.url, name)
        held = ask("run", month(tmp_path, "B"))
        assert held.code == 3 and "“REAL”" in said(held) and f'installation = "{name}"' in said(held)
    assert references(real) == {"A": 1}


def test_a_name_is_not_given_to_another_ledger_by_mistake(
    real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    use(tmp_path, real.url, "REAL")
    assert ask("run", month(tmp_path, "A")).code == 0
    use(tmp_path, test.url, "REAL")
    held = ask("run", month(tmp_path, "A"))
    assert held.code == 3 and "REAL" in said(held) and "6994" in said(held) and test.journals == []


def test_an_unnamed_ledger_gets_its_name_later(real: IndependentService, ask: Ask, tmp_path: Path) -> None:
    use(tmp_path, real.url)
    assert ask("run", month(tmp_path, "A")).code == 0
    use(tmp_path, real.url + "/", "REAL")
    assert statuses(ask("run", month(tmp_path, "A"), "--json")) == ["already_posted"]
    use(tmp_path, real.url.replace("127.0.0.1", "localhost"), "REAL")
    assert statuses(ask("run", month(tmp_path, "A", "B"), "--json")) == ["already_posted", "posted"]
    assert references(real) == {"A": 1, "B": 1}


def test_an_old_unfinished_run_is_finished_where_it_was_posting(
    real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    """One journal posted, one in doubt that was booked late, one that was never sent."""
    real.unanswered["REF-B"] = None
    use(tmp_path, real.url)
    assert ask("run", month(tmp_path, "A", "B", "C"), "--no-wait").code == 4
    late = real.unanswered.pop("REF-B")
    assert late is not None
    real.ledger.book(late, at=0)
    (number,) = (one.number for one in real.ledger.booked.values() if one.reference == "REF-C")
    del real.ledger.booked[number]
    was_cut_off = "UPDATE journals SET state = 'planned', journal_number = NULL WHERE document_key = 'C'"
    changed(tmp_path, *OLDER, was_cut_off)
    use(tmp_path, test.url)
    elsewhere = ask("resume")
    assert elsewhere.code == 3 and "--profile" in said(elsewhere) and test.journals == []
    use(tmp_path, real.url, "REAL")
    ended = ask("resume", "--json")
    assert (ended.code, statuses(ended)) == (0, ["posted"] * 3), ended.err
    assert references(real) == dict.fromkeys("ABC", 1)
    assert b"null" in ask("resume", "--json").out
    # It belongs to that ledger now.
    use(tmp_path, test.url)
    assert ask("resume", json.loads(ended.out)["run"]).code == 3 and test.journals == []


def test_what_an_older_program_posted_is_not_posted_twice_even_without_a_look(
    real: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    use(tmp_path, real.url)
    assert ask("run", month(tmp_path, "A", "B")).code == 0
    changed(tmp_path, *OLDER)
    ended = ask("run", month(tmp_path, "A", "B"), "--json", "--no-look")
    assert (ended.code, statuses(ended)) == (0, ["already_posted"] * 2)
    assert references(real) == {"A": 1, "B": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_says_whether_it_is_the_same_ledger(
    answer: str, real: IndependentService, test: IndependentService, ask: Ask, tmp_path: Path
) -> None:
    from tests.cli.test_terminal import Screen

    use(tmp_path, real.url)
    assert ask("run", month(tmp_path, "A", "B")).code == 0
    clone(real, test)
    del test.ledger.booked[min(test.ledger.booked)]
    use(tmp_path, test.url)
    screen = Screen(tmp_path, settings_in(tmp_path), "run", month(tmp_path, "A", "B"), "--no-look")
    screen.read_until("same ledger? [y/N]")
    screen.type(f"{answer}\n")
    if answer == "n":  # nothing is known of a ledger of its own
        screen.read_until(say(Language.EN, "said.post"))
        screen.type("n\n")
    screen.end()
    assert test.journals == [] and ("declined" in ask("runs").out.decode()) == (answer == "n")
    with sqlite3.connect(tmp_path / "s.db") as connection:
        found = {row[0] for row in connection.execute("SELECT installation FROM installations").fetchall()}
    connection.close()
    assert len(found) == (1 if answer == "y" else 2)
