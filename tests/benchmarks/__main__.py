"""`python -m tests.benchmarks`: the figures of this machine, each a ratio within this run, as a table.

Needs the extra `benchmarks` for the peers, and a POSIX system (a child's use of processor and memory is its own there);
`queue`, which is measured only where it is named, needs the extra `dev`.
With the tests' libraries in the same environment pandera imports hypothesis and pytest when it first checks: measure
the importer in an environment that has only its own (`--python`), as a user has it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.accounts import accounts
from tests.benchmarks.checking import Asked, all_bad, beside_peers, growth, starts
from tests.benchmarks.correcting import corrections
from tests.benchmarks.full_store import full_store
from tests.benchmarks.goals import Figure, table
from tests.benchmarks.paging import paging
from tests.benchmarks.posting import posting
from tests.benchmarks.queue import queue

PARTS = {
    **{"starts": starts, "peers": beside_peers, "growth": growth, "bad": all_bad, "corrections": corrections},
    **{"posting": posting, "page": paging, "store": full_store, "accounts": accounts, "queue": queue},
}


def main() -> int:
    """Prints the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts (default: all but queue)")
    parser.add_argument("--all", action="store_true", help="the slow peers and 1,048,575 rows too")
    parser.add_argument("--times", type=int, default=3, help="the best of so many runs (default: 3)")
    parser.add_argument("--python", default=sys.executable, help="the Python that runs the importer")
    parser.add_argument("--peers", default=sys.executable, help="the Python that runs the peers")
    kept = Path(tempfile.gettempdir()) / "importer-benchmarks"
    parser.add_argument("--folder", type=Path, default=kept, help="where the workbooks are kept between runs")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asked = Asked(given.folder, given.times, given.python, given.peers, given.all)
    figures: list[Figure] = []
    for name in given.parts or [one for one in PARTS if one != "queue"]:
        shown, found = PARTS[name](asked)
        print(f"\n{shown}", flush=True)
        figures += found
    print(f"\n{table(['figure', 'of this run', 'goal', ''], [figure.row() for figure in figures])}")
    return 0 if all(figure.is_held for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
