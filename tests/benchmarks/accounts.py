"""A company with many accounts: `get accounts`, and a template that holds them all, beside the same with few."""

import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks.certificates import certificates_in
from tests.benchmarks.checking import Asked
from tests.benchmarks.goals import Figure, table, taken_row
from tests.benchmarks.measuring import Taken, best_of, taken_by
from tests.benchmarks.posting import Served, service
from tests.benchmarks.whole_run import settings_for

FEW, MANY = 50, 5_000


def accounts(asked: Asked) -> tuple[str, list[Figure]]:
    """Both commands at a service with few accounts and at one with many."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        certificates = certificates_in(folder)
        with (
            service(0.0, certificates, accounts=FEW) as at_few,
            service(0.0, certificates, accounts=MANY) as at_many,
        ):
            lists = [partial(_command, asked, at, folder, "get", "accounts") for at in (at_few, at_many)]
            words = ("template", "journals", "--live", "--force", "-o", str(folder / "live.xlsx"))
            templates = [partial(_command, asked, at, folder, *words) for at in (at_few, at_many)]
            few, many, small, large = best_of(asked.times, [*lists, *templates])
    rows = [
        taken_row(f"get accounts, {FEW:,} accounts", few),
        taken_row(f"get accounts, {MANY:,} accounts", many),
        taken_row(f"template --live, {FEW:,} accounts", small),
        taken_row(f"template --live, {MANY:,} accounts", large),
    ]
    figures = [
        Figure(f"get accounts, {MANY:,} accounts : {FEW:,}", many.wall / few.wall, most=2),
        Figure(f"template --live, {MANY:,} accounts : {FEW:,}", large.wall / small.wall, most=3),
    ]
    return table(["a company with many accounts", "wall", "CPU", "memory"], rows), figures


def _command(asked: Asked, at: Served, folder: Path, *words: str) -> Taken:
    settings = settings_for(at.port, at.trusted, folder / "store.db")
    return taken_by([*settings, asked.python, "-m", "importer", *words])
