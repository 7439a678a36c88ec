"""What the corrections workbook costs when every row is to be mended.

`python -m tests.benchmarks.correcting WORKBOOK` reads and checks a workbook, writes its corrections, and prints the
seconds of the processor that the writing took. Python looks for no garbage, as in the command itself.
"""

import gc
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.checking import Asked
from tests.benchmarks.goals import Figure, table
from tests.benchmarks.measuring import taken_by
from tests.benchmarks.workbooks import Shape, workbook_of


@dataclass(frozen=True)
class Written:
    """What writing took: seconds of the processor, and the most memory of the process that had checked before."""

    cpu: float
    megabytes: float

    def row(self, name: str) -> list[str]:
        """As a row of a table."""
        return [name, f"{self.cpu:.2f} s", f"{self.megabytes:.0f} MB"]


def corrections(asked: Asked) -> tuple[str, list[Figure]]:
    """All of 100,000 rows, all of 10,000, and the journals of ten rows that one bad row in a hundred spoils."""
    shapes = (Shape(100_000, 100), Shape(10_000, 100), Shape(100_000, 1))
    many, few, some = (_written(asked, workbook_of(shape, asked.folder)) for shape in shapes)
    rows = [many.row("all of 100,000 rows"), few.row("all of 10,000 rows"), some.row("one bad in a hundred of 100,000")]
    figures = [
        Figure("corrections of 100,000 rows, CPU", many.cpu, "s", most=10),
        Figure("memory of the process", many.megabytes, "MB", most=600),
        Figure("100,000 : 10,000 rows", many.cpu / few.cpu, most=12),
    ]
    return table(["the corrections workbook alone", "CPU", "memory"], rows), figures


def _written(asked: Asked, workbook: Path) -> Written:
    command = [asked.python, "-m", "tests.benchmarks.correcting", str(workbook)]
    runs = [taken_by(command) for _ in range(asked.times)]
    return Written(min(float(run.said) for run in runs), max(run.megabytes for run in runs))


def _seconds(workbook: Path) -> float:
    from importer.model.results import Mode
    from importer.report.corrections import write_corrections
    from importer.run.pipeline import run
    from importer.run.state import RunRequest
    from importer.settings import read_settings
    from importer.translations import Language

    gc.disable()
    nobody: Any = None  # a check without a connection asks and tells nothing
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"reports": folder}, {"HOME": folder}, kept=lambda _: None)
        ran = run(RunRequest((workbook,), Mode.CHECK, settings), nobody)
        start = time.process_time()
        made = write_corrections(ran.result, ran.workbooks[0], workbook, Path(folder), Language.EN)
        seconds = time.process_time() - start
    if made is None:
        raise SystemExit("nothing is to be mended")
    return seconds


if __name__ == "__main__":
    print(_seconds(Path(sys.argv[1])))
