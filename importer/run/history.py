"""Past runs, as the store keeps them."""

from collections.abc import Mapping
from dataclasses import replace

from importer.errors import SetupError
from importer.model.results import Result, Stop
from importer.run.endings import NO_EXIT_CODE
from importer.run.posting import known_so_far
from importer.settings import Settings
from importer.store.appearances import appearances_of
from importer.store.database import Database
from importer.store.runs import KeptRun, ListedRun, find_run, finish_run, runs_in


def keep_ending(settings: Settings, result: Result, document: Mapping[str, object]) -> None:
    """Keeps the result and its document with what the store remembers of the run. Raises SetupError when it cannot."""
    database = Database(settings.store)
    try:
        finish_run(database, result, document)
    finally:
        database.close()


def past_runs(settings: Settings) -> list[ListedRun]:
    """All runs, the newest first; those that were cut off with what the store knows of their journals by now. Raises
    SetupError when the store cannot be used."""
    database = Database(settings.store)
    try:
        return runs_in(database)
    finally:
        database.close()


def past_result(settings: Settings, name: str) -> Result:
    """The result of a past run; of one that was cut off, with what the store knows of its journals by now. Raises
    SetupError for a run that is not there, or that has kept nothing."""
    database = Database(settings.store)
    try:
        kept = find_run(database, name)
        result = _as_known(kept, database, settings)
        if result is None:
            raise SetupError("nothing-kept", run=kept.run)
        return result
    finally:
        database.close()


def _as_known(kept: KeptRun, database: Database, settings: Settings) -> Result | None:
    if kept.result is None or kept.result.exit_code != NO_EXIT_CODE:
        return kept.result
    result = replace(kept.result, stopped_by=Stop("declined", {})) if kept.is_declined else kept.result
    return known_so_far(result, appearances_of(database, kept.run), kept.company, database, settings.language)
