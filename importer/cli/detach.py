"""`importer detach`: removes a linked file from a journal and from the service."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from importer.cli.at_company import (
    DOUBTFUL,
    FAULTY,
    FINE,
    LARGEST_JOURNAL,
    AtCompany,
    at_company,
    installation_at,
    of_company,
    show,
    show_json,
)
from importer.cli.words import settings_from, spoken_language, words

if TYPE_CHECKING:
    from importer.model.links import LinkedFile
    from importer.services.sunplusxtra.documents import LinkedDocument
    from importer.store.linked_files import LinkedFileStore


@click.command("detach", help=words("help.detach"), short_help=words("help.detach-short"))
@click.argument("journal", metavar="JOURNAL", type=click.IntRange(1, LARGEST_JOURNAL))
@click.argument("wanted", metavar="KEY")
@click.option("--line", metavar="N", type=click.IntRange(1, LARGEST_JOURNAL), help=words("help.line-of-foreign"))
@click.option("--extension", metavar="EXT", help=words("help.extension"))
@of_company
def command(journal: int, wanted: str, line: int | None, extension: str | None, **flags: Any) -> int:
    """Removes one file, by its key or, when only one of that name is linked, by its name. Gives 1 when the service says
    no, 4 when no clear answer came. Raises SetupError when the store does not know which file is meant."""
    from importer.services.sunplusxtra.documents import LinkedDocument
    from importer.store.database import Database
    from importer.store.linked_files import LinkedFileStore

    settings = settings_from(flags)
    with at_company(settings, flags) as at:
        database = Database(at.settings.store)
        try:
            store = LinkedFileStore(database, at.key, installation=installation_at(at, database))
            if extension is not None:
                foreign = LinkedDocument(journal, line, wanted, extension.lower().removeprefix("."))
                known = next((one for one in store.of_journal(journal) if one.file_key == wanted), None)
                return _detached(at, foreign, known, store, as_json=flags["as_json"])
            one = _meant(store, journal, wanted)
            document = LinkedDocument(journal, one.line, one.file_key or "", one.extension)
            return _detached(at, document, one, store, as_json=flags["as_json"])
        finally:
            database.close()


def _meant(store: "LinkedFileStore", journal: int, wanted: str) -> "LinkedFile":
    """The linked file of that key or name. Raises SetupError when there is none, or more than one of the name."""
    from importer.errors import SetupError
    from importer.model.links import LinkState

    linked = [one for one in store.of_journal(journal) if one.state is LinkState.LINKED]
    found = [one for one in linked if one.file_key == wanted] or [one for one in linked if one.name == wanted]
    if not found:
        raise SetupError("no-linked-file", journal=str(journal), wanted=wanted)
    if len(found) > 1:
        raise SetupError("several-linked-files", wanted=wanted, found=", ".join(one.file_key or "" for one in found))
    return found[0]


def _detached(
    at: AtCompany, document: "LinkedDocument", known: "LinkedFile | None", store: "LinkedFileStore", *, as_json: bool
) -> int:
    from importer.errors import Effect, RequestRefused, ServiceFailure
    from importer.errors import ImporterError as Failure
    from importer.language.sentences import sentence_of
    from importer.services.meanings import NO_FILE
    from importer.services.sunplusxtra.documents import delete_document

    name = known.name if known else f"{document.file_key}.{document.extension}"
    outcome, reason, code = "removed", "", FINE
    try:
        delete_document(at.session, document)
    except Failure as error:
        if known is not None and isinstance(error, ServiceFailure) and error.meaning == NO_FILE:
            outcome = "gone"
        elif error.effect is Effect.UNKNOWN:
            outcome, reason, code = "unknown", sentence_of(error, spoken_language()), DOUBTFUL
        elif isinstance(error, ServiceFailure | RequestRefused):
            outcome, reason, code = "refused", sentence_of(error, spoken_language()), FAULTY
        else:
            raise
    if known is not None and code == FINE:
        store.mark_removed(known.id, datetime.now(UTC))
    if code != FINE or not as_json:
        said = words(f"said.detach-{outcome}", file=name, journal=document.journal_number, reason=reason)
        show(said, is_bad=code != FINE)
    if as_json:
        shown = {"file": name, "file_key": document.file_key, "line": document.line_number, "outcome": outcome}
        show_json({"journal_number": str(document.journal_number), **shown, "message": reason or None})
    return code
