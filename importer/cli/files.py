"""Files that a command writes for its user: whole or not at all, and never over another one unasked."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from importer.errors import SetupError


def refuse_existing(file: Path, *, replaces: bool) -> None:
    """Raises SetupError before any work is done when the file could not be written in the end: it exists and is not to
    be replaced, it is a folder, a pipe or a device, or its folder is not there."""
    if file.exists() and not file.is_file():
        raise SetupError("no-plain-file", file=str(file))
    if not replaces and os.path.lexists(file):
        raise SetupError("template-exists", file=str(file))
    if not file.parent.is_dir():
        raise SetupError("template-folder", file=str(file), detail=os.strerror(2))


def write_file(file: Path, content: bytes, *, replaces: bool) -> None:
    """Writes the file: it appears at once with all of its content, or not at all. Raises SetupError when it exists and
    is not to be replaced, or cannot be written."""
    draft = file.with_name(f".{file.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        if replaces:
            draft.replace(file)
        else:
            _name(draft, file)
    except FileExistsError as error:
        raise SetupError("template-exists", file=str(file)) from error
    except OSError as error:
        raise SetupError("template-folder", file=str(file), detail=error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _name(draft: Path, file: Path) -> None:
    """Gives the draft its name. Raises FileExistsError when that is taken, were it only a moment ago."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):
        # No hard links: on this file system (OSError), or on this system (os.link raises the second, or is not there).
        # A look before the renaming is all that can be had.
        if os.path.lexists(file):
            raise FileExistsError from None
        draft.rename(file)
