"""`importer logout`: forgets what `importer login` has kept."""

import os
from contextlib import suppress
from typing import Any

import click

from importer.cli import options
from importer.cli.words import speak, words


@click.command("logout", help=words("help.logout"), short_help=words("help.logout-short"))
@options.profile
@options.lang
@options.debug
def command(**flags: Any) -> int:
    """Removes the profile's entry from the keyring. Raises SetupError when there is no keyring that may be used, or it
    refuses."""
    from importer.errors import SetupError
    from importer.keychain import forget, system_keyring
    from importer.settings import profile_of, read_settings

    with suppress(SetupError):  # settings that are wrong, or a profile that is gone, must not keep a password
        speak(read_settings(flags, os.environ, lambda _: None).language)
    was_there = forget(profile_of(flags, os.environ), system_keyring())
    click.echo(words("said.logged-out" if was_there else "said.nothing-kept"))
    return 0
