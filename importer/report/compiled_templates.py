"""Compiled templates, kept from one run to the next."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import BinaryIO, cast

from jinja2.bccache import Bucket, BytecodeCache
from platformdirs import user_cache_path

from importer import APPLICATION, __version__


class KeptTemplates(BytecodeCache):
    """Compiled templates in the user's cache folder; jinja2 puts the template's hash and its own and Python's version
    into each. A folder that cannot be used only means that templates are compiled again."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _own_folder()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket if the template is kept."""
        try:
            with self._path(bucket).open("rb") as kept:
                bucket.load_bytecode(cast(BinaryIO, kept))
        except Exception:  # noqa: BLE001  whatever pickle and marshal make of a damaged file
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a template; two runs at once may keep the same one."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self._folder) as drafts:  # gone with what could not take its place
                with NamedTemporaryFile(dir=drafts, delete=False) as draft:
                    bucket.write_bytecode(cast(BinaryIO, draft))
                Path(draft.name).replace(self._path(bucket))

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.cache"


def _own_folder() -> Path:
    """Of this release: another one may compile the same template otherwise."""
    try:
        return user_cache_path(APPLICATION, appauthor=False) / f"pages-{__version__}"
    except RuntimeError:  # a user without a home
        return Path(os.devnull) / "pages"
