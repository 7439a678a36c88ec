"""`importer sandbox`: plays SunPlusXtra and Sovos on this machine until it is stopped."""

import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli import options
from importer.cli.language import set_language, words
from importer.errors import SetupError
from importer.translations import language_of

if TYPE_CHECKING:
    from importer.sandbox.server import Address, WriteLine
    from importer.sandbox.switches import Switches


_SINGLE_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


class _ListingSwitches(click.Command):
    """A command whose help ends in the list of switches; the sandbox is loaded for that only."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from importer.sandbox.switches import ABOUT

        with formatter.section(words("said.switches")):
            formatter.write_dl(list(ABOUT.items()))


@click.command("sandbox", cls=_ListingSwitches, help=words("help.sandbox"), short_help=words("help.sandbox-short"))
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help=words("help.port"))
@click.option("--dialect", type=click.Choice(["document", "live"]), default="document", help=words("help.dialect"))
@click.option("--data", type=options.PATH, metavar="FOLDER", help=words("help.data"))
@click.option("--switch", "switched", multiple=True, metavar="NAME[=N]", help=words("help.switch"))
@click.option("--log", type=options.PATH, metavar="FILE", help=words("help.access-log"))
@options.as_json
@options.lang
@options.debug
def command(
    port: int,
    dialect: str,
    data: Path | None,
    switched: tuple[str, ...],
    log: Path | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Serves until Ctrl-C; prints how to reach it once it is ready."""
    from importer.sandbox.changes import BrokenFolderError
    from importer.sandbox.server import serve_forever

    set_language(language_of(lang, os.environ))
    switches = _read(switched)
    with _store_beside(data) as store, _opened(log) as write_line:

        def tell(address: "Address") -> None:
            _tell(address, data, store, as_json)

        try:
            serve_forever(port, switches, tell, dialect=dialect, data=data, log=write_line)
        except BrokenFolderError as error:
            raise SetupError("sandbox-data", folder=str(data), detail=str(error)) from error
        except OSError as error:
            raise SetupError("sandbox-port", port=str(port), detail=error.strerror or str(error)) from error
        except KeyboardInterrupt:
            click.echo(words("said.sandbox-ended"), err=True)
    return 0


def _read(switched: tuple[str, ...]) -> "Switches":
    from importer.sandbox.switches import read_switches

    try:
        return read_switches(switched)
    except ValueError as error:
        raise click.BadParameter(words("said.bad-switch", name=str(error)), param_hint="--switch") from error


@contextmanager
def _store_beside(data: Path | None) -> Iterator[str]:
    """The store goes where the company goes: with the sandbox, so that practice leaves nothing behind, or into
    the company's folder, so that what stays posted stays known."""
    if data is not None:
        yield f"sqlite:///{data.resolve() / 'practice.db'}"
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{Path(folder) / 'practice.db'}"


@contextmanager
def _opened(log: Path | None) -> Iterator["WriteLine | None"]:
    if log is None:
        yield None
        return
    if log.is_fifo():  # it would be opened when somebody reads it
        raise SetupError("no-plain-file", file=str(log))
    try:
        stream = log.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise SetupError("sandbox-log", file=str(log), detail=error.strerror or str(error)) from error
    with stream:
        yield stream.write


def _tell(address: "Address", data: Path | None, store: str, as_json: bool) -> None:
    """The settings, ready to be copied."""
    if as_json:
        click.echo(json.dumps(asdict(address)))
        return
    click.echo(words("said.sandbox") if data is None else words("said.sandbox-kept", folder=str(data)))
    for name, value in (
        ("SPX_URL", address.spx_url),
        ("SPX_USERID", address.userid),
        ("SPX_PASSWORD", address.password),
        ("SPX_EMAIL", address.email),
        ("SPX_API_KEY", address.api_key),
        ("SOVOS_URL", address.sovos_url),
        ("SOVOS_API_KEY", address.sovos_api_key),
        ("IMPORTER_STORE", store),
    ):
        click.echo(assignment(name, value, sys.platform))


def assignment(name: str, value: str, platform: str) -> str:
    """The line that sets the variable `name` of the environment to `value`, as the platform's shell (PowerShell or a
    POSIX one) reads it; `platform` as in `sys.platform`."""
    if platform == "win32":
        # To PowerShell the typographic quotes are single quotes too; each is doubled to stand for itself.
        return f"$env:{name} = '{_SINGLE_QUOTES.sub(lambda found: found[0] * 2, value)}'"
    return f"export {name}={shlex.quote(value)}"
