"""`importer store`: copies a store into another database, or looks whether one is whole."""

from typing import Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.errors import ExitCode
from importer.model.secrets import without_password


@click.group("store", help=words("help.store"), short_help=words("help.store-short"))
def command() -> None:
    """The group; its help is in the catalogues."""


@command.command("copy", help=words("help.store-copy"), short_help=words("help.store-copy-short"))
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@options.of_settings
def copy(source: str, target: str, **flags: Any) -> int:
    """Copies, and says what was. Raises SetupError where it is not certain that both hold the same."""
    from importer.store.copies import copy_store

    settings_from(flags)
    copied = copy_store(source, target)
    facts = {"source": without_password(source), "target": without_password(target)}
    click.echo(words("said.store-copied", runs=copied["runs"], journals=copied["journals"], **facts))
    return ExitCode.FINE


@command.command("check", help=words("help.store-check"), short_help=words("help.store-check-short"))
@options.of_settings
def check(**flags: Any) -> int:
    """Prints what the store holds; gives 3 when something in it is damaged. Raises SetupError."""
    from importer.store.copies import check_store

    store = settings_from(flags).store
    runs, journals, faults = check_store(store)
    held = ", ".join(f"{state} {count}" for state, count in journals.by_state.items()) or "–"
    click.echo(words("said.store-holds", store=without_password(store), runs=runs, journals=held))
    if journals.oldest_doubt is not None:
        click.echo(words("said.store-doubt", at=journals.oldest_doubt))
    for fault in faults:
        click.echo(words("said.store-fault", what=fault), err=True)
    if faults:
        click.echo(words("said.store-damaged"), err=True)
        return ExitCode.STOPPED
    click.echo(words("said.store-whole"))
    return ExitCode.FINE
