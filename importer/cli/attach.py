"""`importer attach`: links files to a posted journal or to one of its lines, each once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.at_company import (
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
    from importer.model.links import Linked, LinkedFile


@click.command("attach", help=words("help.attach"), short_help=words("help.attach-short"))
@click.argument("journal", metavar="JOURNAL", type=click.IntRange(1, LARGEST_JOURNAL))
@click.argument("files", metavar="FILE...", nargs=-1, type=options.PATH)
@click.option("--line", metavar="N", type=click.IntRange(1, LARGEST_JOURNAL), help=words("help.line"))
@click.option("--public", "is_public", is_flag=True, help=words("help.public"))
@click.option("--again", is_flag=True, help=words("help.again"))
@click.option("--list", "lists", is_flag=True, help=words("help.list-linked"))
@of_company
def command(journal: int, files: tuple[Path, ...], lists: bool, **flags: Any) -> int:
    """Links the files, or lists what the store remembers. Gives 4 when what became of a file is unknown, 1 when one was
    refused. Raises RequestRefused for a file that cannot be linked, before anything is sent."""
    from importer.services.sunplusxtra.documents import checked_upload
    from importer.store.database import Database
    from importer.store.linked_files import LinkedFileStore

    if lists == bool(files):
        raise click.UsageError(words("said.files-or-list"))
    settings = settings_from(flags)
    for file in files:
        checked_upload(file)
    with at_company(settings, flags) as at:
        database = Database(at.settings.store)
        try:
            store = LinkedFileStore(database, at.key, installation=installation_at(at, database))
            if lists:
                return _listed(at, journal, store.of_journal(journal), as_json=flags["as_json"])
            return _linked(at, journal, files, store, flags)
        finally:
            database.close()


def _linked(at: AtCompany, journal: int, files: tuple[Path, ...], store: Any, flags: dict[str, Any]) -> int:
    from importer.model.links import FileToLink
    from importer.post.links import LinkMeans, exit_code_of_links, link_files

    means = LinkMeans(
        at.session, store, lambda: datetime.now(UTC), again=flags["again"], private=not flags["is_public"]
    )
    linked = link_files([FileToLink(str(file), journal, flags["line"]) for file in files], means)
    for one in linked:
        is_good = one.outcome.value == "linked" and one.reason is None
        if not (is_good and flags["as_json"]):
            show(_sentence(one), is_bad=not is_good)
    if flags["as_json"]:
        show_json(_head(at, journal) | {"files": [_told(one) for one in linked]})
    return exit_code_of_links(linked)


def _sentence(one: "Linked") -> str:
    from importer.post.links import reason_words

    place = words("said.line-of-journal", line=one.line) if one.line else words("said.whole-journal")
    number, key, reason = one.journal_number, one.file_key or "", reason_words(one.reason, spoken_language())
    said = words(f"said.link-{one.outcome}", file=one.file, journal=number, place=place, file_key=key, reason=reason)
    return f"{said} {reason}" if one.outcome.value == "linked" and reason else said


def _told(one: "Linked") -> dict[str, object]:
    from importer.post.links import reason_words

    return {
        "file": one.file,
        "line": one.line,
        "outcome": one.outcome.value,
        "file_key": one.file_key,
        "message": reason_words(one.reason, spoken_language()) or None,
    }


def _head(at: AtCompany, journal: int) -> dict[str, object]:
    return {"company": {"id": at.company.id, "name": at.company.name}, "journal_number": str(journal)}


def _listed(at: AtCompany, journal: int, known: list["LinkedFile"], *, as_json: bool) -> int:
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
    from importer.post.links import reason_words

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
        "message": reason_words(one.reason, spoken_language()) or None,
    }
