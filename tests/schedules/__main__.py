"""`python -m tests.schedules --count 100000`: plays schedules, prints those that go wrong, and how many."""

import argparse
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.schedules.conditions import Condition, Kind
from tests.schedules.schedule import Switch, Verdict, new_store, play

MOST_SHOWN = 3


def main() -> int:
    """Plays what is asked for; exit code 1 when a schedule went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds from there")
    parser.add_argument("--without", type=Switch, choices=list(Switch), help="switches a guard off")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--story", action="store_true", help="tells what happens in each schedule")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite", help="where stores are kept")
    asked = parser.parse_args()
    shared_memory = Path("/dev/shm")  # noqa: S108 - where there is one, it is quicker
    with TemporaryDirectory(dir=shared_memory if shared_memory.is_dir() else None) as folder:
        new_store(Path(folder))
        one = partial(play, folder=Path(folder), without=asked.without, on_postgres=asked.database == "postgresql")
        seeds = range(asked.seed, asked.seed + asked.count)
        if asked.jobs == 1:
            return _report(map(one, seeds), asked.count, tells=asked.story)
        with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
            return _report(pool.imap_unordered(one, seeds, chunksize=20), asked.count, tells=asked.story)


def _report(verdicts: Iterable[Verdict], count: int, *, tells: bool) -> int:
    """Prints as it goes; what it counts in the end is of all schedules."""
    seen: Counter[str] = Counter()
    for verdict in verdicts:
        seen.update(posts=verdict.posts, doubtful=verdict.doubtful, schedules=1, wrong=int(bool(verdict.faults)))
        seen.update({name: bool(verdict.faults) for name in (verdict.kind, *verdict.conditions)})
        if tells:
            print(*verdict.story, sep="\n")
        if verdict.faults and seen["wrong"] <= MOST_SHOWN:
            print(f"seed {verdict.seed} ({verdict.setting}):", *verdict.faults, sep="\n  ")
    share = 100 * seen["doubtful"] / max(seen["posts"], 1)
    print(f"{seen['schedules']} of {count} schedules, {seen['posts']} posts, {share:.1f} % of them without an answer")
    named = ", ".join(f"{name} {seen[name]}" for name in (*Kind, *Condition) if seen[name])
    print(f"{seen['wrong']} schedules go wrong{f' ({named})' if named else ''}")
    return 1 if seen["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
