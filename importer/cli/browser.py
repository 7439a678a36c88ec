"""The page of a run, opened where its reader can see it."""

from pathlib import Path

import click

from importer.cli.words import words


def open_page(page: str | Path) -> None:
    """Opens it in the browser of the desktop, or says that there is none."""
    import webbrowser

    if not webbrowser.open(Path(page).resolve().as_uri()):
        click.echo(words("said.not-opened", file=str(page)), err=True)
