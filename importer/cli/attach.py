"""`importer attach` and `importer detach`: links files to a posted journal, each once, and removes them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import LARGEST_JOURNAL, CompanySession, at_company, installation_at, of_company, settings_from
from importer.cli.language import current_language, words
from importer.cli.output import show, show_json
from importer.errors import (
    Effect,
    ExitCode,
    ImporterError,
    RequestRefused,
    ServiceFailure,
    SetupError,
)
from importer.services.operations import NO_FILE
from importer.translations import sentence_of

if TYPE_CHECKING:
    from importer.model.postings import FileLink, LinkedFile
    from importer.services.sunplusxtra.journals import LinkedDocument
    from importer.store.runs import LinkedFileStore


@click.command("attach", help=words("help.attach"), short_help=words("help.attach-short"))
@click.argument("journal", metavar="JOURNAL", type=click.IntRange(1, LARGEST_JOURNAL))
@click.argument("files", metavar="FILE...", nargs=-1, type=options.PATH)
@click.option("--line", metavar="N", type=click.IntRange(1, LARGEST_JOURNAL), help=words("help.line"))
@click.option("--public", "is_public", is_flag=True, help=words("help.public"))
@click.option("--again", is_flag=True, help=words("help.again"))
@click.option("--list", "lists", is_flag=True, help=words("help.list-linked"))
@of_company
def attach_command(journal: int, files: tuple[Path, ...], lists: bool, **flags: Any) -> int:
    """Links the files, or lists what the store remembers. Gives 4 when what became of a file is unknown, 1 when one was
    refused. Raises RequestRefused for a file that cannot be linked, before anything is sent."""
    from importer.services.sunplusxtra.journals import checked_upload
    from importer.store.database import Database
    from importer.store.runs import LinkedFileStore

    if lists == bool(files):
        raise click.UsageError(words("said.files-or-list"))
    settings = settings_from(flags)
    for file in files:
        checked_upload(file)
    with at_company(settings, flags) as at, Database(at.settings.store) as database:
        store = LinkedFileStore(database, at.key, installation=installation_at(at, database))
        if lists:
            return _listed(at, journal, store.of_journal(journal), as_json=flags["as_json"])
        return _linked(at, journal, files, store, flags)


def _linked(at: CompanySession, journal: int, files: tuple[Path, ...], store: Any, flags: dict[str, Any]) -> int:
    from importer.model.postings import FileLink
    from importer.post.attachments import AttachmentContext, exit_code_of_links, link_files

    context = AttachmentContext(at.session, store, again=flags["again"], private=not flags["is_public"])
    linked = link_files([FileLink(str(file), journal, flags["line"]) for file in files], context)
    for one in linked:
        is_good = one.outcome.value == "linked" and one.reason is None
        if not (is_good and flags["as_json"]):
            show(_sentence(one), is_bad=not is_good)
    if flags["as_json"]:
        show_json(_head(at, journal) | {"files": [_as_json(one) for one in linked]})
    return exit_code_of_links(linked)


def _sentence(one: "FileLink") -> str:
    from importer.post.attachments import reason_words

    place = words("said.line-of-journal", line=one.line) if one.line else words("said.whole-journal")
    number, key, reason = one.journal_number, one.file_key or "", reason_words(one.reason, current_language())
    said = words(f"said.link-{one.outcome}", file=one.file, journal=number, place=place, file_key=key, reason=reason)
    return f"{said} {reason}" if one.outcome.value == "linked" and reason else said


def _as_json(one: "FileLink") -> dict[str, object]:
    from importer.post.attachments import reason_words

    return {
        "file": one.file,
        "line": one.line,
        "outcome": one.outcome.value,
        "file_key": one.file_key,
        "message": reason_words(one.reason, current_language()) or None,
    }


def _head(at: CompanySession, journal: int) -> dict[str, object]:
    return {"company": {"id": at.company.id, "name": at.company.name}, "journal_number": str(journal)}


def _listed(at: CompanySession, journal: int, known: list["LinkedFile"], *, as_json: bool) -> int:
    if as_json:
        show_json(_head(at, journal) | {"files": [_remembered(one) for one in known]})
    elif not known:
        show(words("said.nothing-linked", journal=journal))
    else:
        show(words("said.linked-files", journal=journal, company=at.company.name))
        for one in known:
            place = words("said.line-of-journal", line=one.line) if one.line else words("said.whole-journal")
            state = words(f"link-state.{one.state}")
            show(f"  {one.file_key or '-'}  {one.sent_at:%Y-%m-%d %H:%M} UTC  {state}  {one.name}  ({place})")
    return 0


def _remembered(one: "LinkedFile") -> dict[str, object]:
    from importer.post.attachments import reason_words

    return {
        "file": one.name,
        "line": one.line,
        "state": one.state.value,
        "file_key": one.file_key,
        "extension": one.extension,
        "sha256": one.sha256,
        "run": one.run,
        "sent_at": f"{one.sent_at:%Y-%m-%dT%H:%M:%SZ}",
        "removed_at": f"{one.removed_at:%Y-%m-%dT%H:%M:%SZ}" if one.removed_at else None,
        "message": reason_words(one.reason, current_language()) or None,
    }


@click.command("detach", help=words("help.detach"), short_help=words("help.detach-short"))
@click.argument("journal", metavar="JOURNAL", type=click.IntRange(1, LARGEST_JOURNAL))
@click.argument("wanted", metavar="KEY")
@click.option("--line", metavar="N", type=click.IntRange(1, LARGEST_JOURNAL), help=words("help.line-of-foreign"))
@click.option("--extension", metavar="EXT", help=words("help.extension"))
@of_company
def detach_command(journal: int, wanted: str, line: int | None, extension: str | None, **flags: Any) -> int:
    """Removes one file, by its key or, when only one of that name is linked, by its name. Gives 1 when the service says
    no, 4 when no clear answer came. Raises SetupError when the store does not know which file is meant."""
    from importer.services.sunplusxtra.journals import LinkedDocument
    from importer.store.database import Database
    from importer.store.runs import LinkedFileStore

    settings = settings_from(flags)
    with at_company(settings, flags) as at, Database(at.settings.store) as database:
        store = LinkedFileStore(database, at.key, installation=installation_at(at, database))
        if extension is not None:
            foreign = LinkedDocument(journal, line, wanted, extension.lower().removeprefix("."))
            known = next((one for one in store.of_journal(journal) if one.file_key == wanted), None)
            return _detached(at, foreign, known, store, as_json=flags["as_json"])
        one = _matched(store, journal, wanted)
        document = LinkedDocument(journal, one.line, one.file_key or "", one.extension)
        return _detached(at, document, one, store, as_json=flags["as_json"])


def _matched(store: "LinkedFileStore", journal: int, wanted: str) -> "LinkedFile":
    """The linked file of that key or name. Raises SetupError when there is none, or more than one of the name."""
    from importer.model.postings import LinkState

    linked = [one for one in store.of_journal(journal) if one.state is LinkState.LINKED]
    found = [one for one in linked if one.file_key == wanted] or [one for one in linked if one.name == wanted]
    if not found:
        raise SetupError("no-linked-file", journal=str(journal), wanted=wanted)
    if len(found) > 1:
        raise SetupError("several-linked-files", wanted=wanted, found=", ".join(one.file_key or "" for one in found))
    return found[0]


def _detached(
    at: CompanySession,
    document: "LinkedDocument",
    known: "LinkedFile | None",
    store: "LinkedFileStore",
    *,
    as_json: bool,
) -> int:
    from importer.services.sunplusxtra.journals import delete_document

    name = known.name if known else f"{document.file_key}.{document.extension}"
    outcome, reason, code = "removed", "", ExitCode.FINE
    try:
        delete_document(at.session, document)
    except ImporterError as error:
        if known is not None and isinstance(error, ServiceFailure) and error.meaning == NO_FILE:
            outcome = "gone"
        elif error.effect is Effect.UNKNOWN:
            outcome, reason, code = "unknown", sentence_of(error, current_language()), ExitCode.UNKNOWN
        elif isinstance(error, ServiceFailure | RequestRefused):
            outcome, reason, code = "refused", sentence_of(error, current_language()), ExitCode.FAULTY
        else:
            raise
    if known is not None and code == ExitCode.FINE:
        store.mark_removed(known.id, datetime.now(UTC))
    if code != ExitCode.FINE or not as_json:
        said = words(f"said.detach-{outcome}", file=name, journal=document.journal_number, reason=reason)
        show(said, is_bad=code != ExitCode.FINE)
    if as_json:
        shown = {"file": name, "file_key": document.file_key, "line": document.line_number, "outcome": outcome}
        show_json({"journal_number": str(document.journal_number), **shown, "message": reason or None})
    return code
