"""`importer sandbox`: plays SunPlusXtra on this machine until it is stopped."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli import options
from importer.cli.words import words

if TYPE_CHECKING:
    from importer.sandbox.server import Address


@click.command("sandbox", help=words("help.sandbox"), short_help=words("help.sandbox-short"))
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help=words("help.port"))
@options.as_json
@options.lang
@options.debug
def command(port: int, as_json: bool, lang: str | None) -> int:  # noqa: ARG001  # read by importer.cli.words
    """Serves until Ctrl-C; prints how to reach it once it is ready."""
    from importer.errors import SetupError
    from importer.sandbox.server import serve_forever
    from importer.sandbox.switches import Switches

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = f"sqlite:///{Path(folder) / 'practice.db'}"
        try:
            serve_forever(port, Switches(), lambda address: _tell(address, store, as_json))
        except OSError as error:
            raise SetupError("sandbox-port", port=str(port), detail=error.strerror or str(error)) from error
        except KeyboardInterrupt:
            click.echo(words("said.sandbox-ended"), err=True)
    return 0


def _tell(address: "Address", store: str, as_json: bool) -> None:
    """The settings, ready to be copied; the store goes with the sandbox, so that practice leaves nothing behind."""
    if as_json:
        click.echo(json.dumps(asdict(address)))
        return
    click.echo(words("said.sandbox"))
    for name, value in (
        ("SPX_URL", address.spx_url),
        ("SPX_USERID", address.userid),
        ("SPX_PASSWORD", address.password),
        ("SPX_EMAIL", address.email),
        ("SPX_API_KEY", address.api_key),
        ("IMPORTER_STORE", store),
    ):
        click.echo(f"export {name}={value}")
