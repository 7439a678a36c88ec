"""A run, top to bottom: read, validate, look up, post; each step hands the next one a plain value. The login and the
company's name come while the workbooks are read. What only a service needs (HTTP, the store) is imported when there is
one: it is a third of what a check of a small workbook takes."""

from dataclasses import replace

from importer import __version__
from importer.errors import ImporterError, TryAgain
from importer.model.problems import Place, Problem
from importer.model.results import Evidence, Mode
from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import MappingFolder
from importer.report.page_templates import prepare_page
from importer.run.drafts import (
    mappings_at_hand,
    with_mappings_accepted,
    with_mappings_chosen,
    with_origin_checked,
    workbooks_at,
)
from importer.run.results import concluded
from importer.run.state import Observer, RunOutcome, RunRequest, RunState
from importer.settings_file import mappings_folder
from importer.translations import Language, say, sentence_of
from importer.validate.cell_rules import import_rules


def run(asked: RunRequest, observer: Observer) -> RunOutcome:
    """Does everything that is asked and says what is true of every document afterwards.

    `asked` is what the command line asks for; `observer` is told how far the run is, and asked before money moves.
    Never raises for what is wrong with a file, a row, the set-up or the service: the result tells it, with `stopped_by`
    when the run could not go on. Raises SetupError for a mapping that cannot be used, before anything is read.
    """
    state = RunState(asked, observer)
    folder = MappingFolder(asked.mappings or mappings_folder())
    mappings = mappings_at_hand(folder, asked.settings, asked.mapping, asked.encoding)
    if asked.mode is Mode.RUN or asked.settings.is_connectable:
        from importer.run.service_steps import check_and_post, connecting_meanwhile

        with connecting_meanwhile(state) as connection:
            _read(state, folder, mappings)
            try:
                if state.records or state.journals:
                    check_and_post(state, connection)
            except ImporterError as error:
                if asked.mode is Mode.CHECK and isinstance(error, TryAgain):
                    state.warnings = [_nothing_checked(error, asked.settings.language)]
                else:
                    state.stopped_by = error
    else:
        _read(state, folder, mappings)
    if state.company is None:
        state.workbooks = with_origin_checked(state.workbooks, None, any_company=asked.any_company)
    result = concluded(state.ending or state.so_far(), state.stopped_by, asked.settings.language)
    evidence = Evidence(__version__, asked.settings.shown(), state.lists_at, state.requests)
    return RunOutcome(replace(result, evidence=evidence), state.is_remembered, state.workbooks)


def _read(state: RunState, folder: MappingFolder, mappings: MappingsAtHand) -> None:
    """The workbooks and their drafts; in a run a person is asked how a sheet is to be read where that is uncertain."""
    asked, observer = state.asked, state.observer
    read = workbooks_at(asked.paths, _get_ready, mappings, skip_hidden=asked.skip_hidden)
    if asked.mode is Mode.RUN and not asked.is_sandbox:
        read = with_mappings_chosen(read, mappings, observer.chooses_mapping, skip_hidden=asked.skip_hidden)
        read = with_mappings_accepted(read, mappings, folder, asked.settings.profile, observer.accepts_mapping)
    state.workbooks = read
    state.build_drafts()


def _get_ready() -> None:
    """The libraries for rules and page take half a second to import; a big workbook takes longer to be parsed."""
    import_rules()
    prepare_page()


def _nothing_checked(error: TryAgain, language: Language) -> Problem:
    """The warning that the service was out of reach, so that no list was checked."""
    facts = {"list": say(language, "list.all"), "reason": sentence_of(error, language)}
    return Problem("reference-unavailable", Place(""), wording="reference-unavailable", facts=facts)
