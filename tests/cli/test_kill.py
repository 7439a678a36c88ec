"""Kill -9, at each step and again and again: the program started anew finds its way, and nothing is posted twice."""

import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.batches import ROUNDS, assert_all_is_well, batch, explained, hurried, ledger_numbers, told_numbers
from tests.cli.commands import Ended, ended, importer, started
from tests.faulty_service import READS_BACK, faulty_service

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9"),
]

STEPS = (
    *("lease:after:1", "plan:before:1", "plan:after:1", "look:after:1"),
    *("intent:before:1", "intent:after:1", "intent:after:2", "connect:before:1", "connect:after:3"),
    *("send:before:1", "send:after:1", "send:after:4", "answer:before:2", "answer:after:1"),
    *("record:before:1", "record:before:3", "record:after:2"),
    *(
        "canary:before:1",
        "canary:after:1",
        "verify:before:1",
        "verify:after:1",
        "last-look:after:1",
        "report:before:1",
        "report:after:1",
        "result:after:1",
    ),
)
"""Of those moments where one step ends and the next begins, one each; the nth time means with others under way."""

PLANLESS = ("lease", "plan")
"""Steps before the plan is kept: there is nothing to resume yet."""

KILLS = 5


def second_command(step: str) -> tuple[str, ...]:
    """How the program is started anew: by the same command or by `resume`, turn and turn about."""
    is_resumed = step.partition(":")[0] not in PLANLESS and STEPS.index(step) % 3
    return ("resume",) if is_resumed else ("run", "june.xlsx")


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_at_a_step_and_started_again_ends_as_an_undisturbed_one(tmp_path: Path, step: str) -> None:
    upload = batch(tmp_path, 6, twins=1)
    with faulty_service(seed=5) as service:
        settings = hurried(service, tmp_path)
        arguments = ("run", "june.xlsx", "--json", "--yes", "--concurrency", "2")
        dead = ended(started("tests.cli.killed", *arguments, folder=tmp_path, KILL_AT=step, **settings))
        assert dead.code == -signal.SIGKILL, dead.err
        second = importer(*second_command(step), "--json", "--yes", folder=tmp_path, **settings)
        assert second.code == 0, second.err + second.out
    assert service.posted == upload.wanted and service.faults == []
    totals = second.result["totals"]
    assert totals["posted"] + totals["already_posted"] == totals["documents"] == upload.journals
    assert told_numbers(second) == ledger_numbers(service.ledger)


@dataclass
class Killer:
    """Kills a process at the nth posting or read that the service sees of it, on arrival or when its work is done."""

    dice: random.Random
    victim: subprocess.Popen[str] | None = None
    left: int = 0
    moment: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def aim(self, victim: subprocess.Popen[str]) -> None:
        with self.lock:
            self.left, self.moment = self.dice.randint(7, 16), self.dice.choice(("arrived", "done"))
            self.victim = victim

    def tap(self, operation: str, moment: str) -> None:
        with self.lock:
            if self.victim is None or moment != self.moment or operation not in ("post_journal", *READS_BACK):
                return
            self.left -= 1
            if self.left == 0:
                self.victim.kill()


def decided_by_a_person(stuck: Ended) -> tuple[str, ...]:
    """What was on its way at two kills counts as sent twice: a person has looked, and wants it sent once more."""
    keys = [one["key"] for one in stuck.result["documents"] if one["status"] == "unknown"]
    return ("resume", stuck.result["run"], *(word for key in keys for word in ("--send", key)))


def test_forty_journals_get_through_one_kill_after_the_other(tmp_path: Path) -> None:
    upload = batch(tmp_path, 40, twins=3)
    killer = Killer(random.Random(1))
    endings: list[Ended] = []
    with faulty_service(seed=1, rate=0.1, late=0.3, tap=killer.tap) as service:
        settings = hurried(service, tmp_path)
        while not (endings and endings[-1].code == 0 and endings[-1].out):  # `resume` may find nothing to resume
            assert len(endings) < ROUNDS, explained(endings, service)
            command: tuple[str, ...] = ("run", "june.xlsx") if len(endings) % 2 == 0 else ("resume",)
            if endings and endings[-1].code == 4:
                command = decided_by_a_person(endings[-1])
            victim = started("importer", *command, "--json", "--yes", folder=tmp_path, **settings)
            if len(endings) < KILLS:
                killer.aim(victim)
            endings.append(ended(victim))
            assert endings[-1].code in (0, 3, 4, -signal.SIGKILL), explained(endings, service)
        assert sum(one.code == -signal.SIGKILL for one in endings) >= 3
        killer.victim = None
        assert_all_is_well(service, upload, tmp_path, settings)


def test_three_runs_of_one_file_at_once_post_each_journal_once(tmp_path: Path) -> None:
    upload = batch(tmp_path, 20, twins=2)
    with faulty_service(seed=3, rate=0.2, late=0.3) as service:
        settings = hurried(service, tmp_path)
        arguments = ("run", "june.xlsx", "--json", "--yes")
        runs = [started("importer", *arguments, folder=tmp_path, **settings) for _ in range(3)]
        endings = [ended(run) for run in runs]
        assert [one.code for one in endings] == [0, 0, 0], explained(endings, service)
        totals = [one.result["totals"] for one in endings]
        assert sum(one["posted"] for one in totals) == upload.journals
        assert sum(one["already_posted"] for one in totals) == 2 * upload.journals
        assert_all_is_well(service, upload, tmp_path, settings)
