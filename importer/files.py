"""Files that a person names, read whole: plain ones only, and none that is too large to be what it should be."""

import os
import stat
import sys
from pathlib import Path


class UnusableFile(OSError):
    """Not a file that can be read whole: a pipe, a device or a socket (which may never end, or be waited for), a
    folder, or larger than the limit (`is_too_large`)."""

    def __init__(self, path: Path, *, is_too_large: bool = False) -> None:
        super().__init__(f"{'too large' if is_too_large else 'no plain file'}: {path}")
        self.is_too_large = is_too_large


def read_plain_file(path: Path, limit: int) -> bytes:
    """The content of a plain file of at most `limit` bytes, of which no more is read.

    Raises UnusableFile, otherwise OSError or ValueError as opening a file does.
    """
    _refuse(path, path.stat(), limit)  # before it is opened: a device may act on that
    with open(path, "rb", opener=_without_waiting) as file:
        _refuse(path, os.fstat(file.fileno()), limit)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UnusableFile(path, is_too_large=True)
    return content


def beginning_of(path: Path, most: int) -> bytes:
    """The first bytes of a plain file, at most `most`. Raises as `read_plain_file` does."""
    _refuse(path, path.stat(), sys.maxsize)
    with open(path, "rb", opener=_without_waiting) as file:
        _refuse(path, os.fstat(file.fileno()), sys.maxsize)
        return file.read(most)


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that has taken the file's place since is opened at once too, not when somebody writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse(path: Path, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnusableFile(path)
    if status.st_size > limit:
        raise UnusableFile(path, is_too_large=True)
