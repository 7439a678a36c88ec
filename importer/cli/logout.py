"""`importer logout`: forgets what `importer login` has kept."""

from typing import Any

import click

from importer.cli import options
from importer.cli.words import words


@click.command("logout", help=words("help.logout"), short_help=words("help.logout-short"))
@options.profile
@options.lang
@options.debug
def command(**flags: Any) -> int:
    """Removes the profile's entry from the keyring. Raises SetupError when there is no keyring that may be used."""
    from importer.keychain import forget, system_keyring

    was_there = forget(flags["profile"], system_keyring())
    click.echo(words("said.logged-out" if was_there else "said.nothing-kept"))
    return 0
