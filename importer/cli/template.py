"""`importer template`: writes a form's Excel template."""

import os
from pathlib import Path
from typing import Any

import click

from importer.cli import options
from importer.cli.words import words


@click.command("template", help=words("help.template"), short_help=words("help.template-short"))
@click.argument("kind", type=click.Choice(["journals"]))
@click.option("-o", "target", metavar="FILE", type=click.Path(path_type=Path), help=words("help.template-file"))
@click.option("--force", is_flag=True, help=words("help.force"))
@options.lang
@options.debug
def command(kind: str, target: Path | None, force: bool, **flags: Any) -> int:
    """Writes the template and says where it is. Raises SetupError when the file is there already or cannot be
    written."""
    from importer.errors import SetupError
    from importer.settings import read_settings
    from importer.templates.excel import template_of
    from importer.templates.journals import JOURNALS

    language = read_settings(flags, os.environ).language
    file = target or Path(f"{kind}.xlsx")
    try:
        with file.open("wb" if force else "xb") as output:
            output.write(template_of(JOURNALS, language))
    except FileExistsError as error:
        raise SetupError("template-exists", file=str(file)) from error
    except OSError as error:
        raise SetupError("template-folder", file=str(file), detail=error.strerror or "") from error
    click.echo(words("said.template", file=str(file)))
    return 0
