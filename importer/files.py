"""Files that a person names, read whole: plain ones only, and none that is too large to be what it should be; and the
kinds that may be linked to journals."""

import os
import re
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
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
    content = beginning_of(path, limit + 1, limit)
    if len(content) > limit:
        raise UnusableFile(path, is_too_large=True)
    return content


def beginning_of(path: Path, most: int, limit: int = sys.maxsize) -> bytes:
    """The first bytes, at most `most`, of a plain file of at most `limit` bytes. Raises as `read_plain_file` does."""
    _refuse(path, path.stat(), limit)  # before it is opened: a device may act on that
    with open(path, "rb", opener=_without_waiting) as file:
        _refuse(path, os.fstat(file.fileno()), limit)
        return file.read(most)


def lock_files_of(name: str) -> frozenset[str]:
    """The names of the files by which Excel and LibreOffice show that they have the workbook `name` open, in small
    letters; Excel cuts two letters off a long name."""
    return frozenset(lock.casefold() for lock in (f"~${name}", f"~${name[2:]}", f".~lock.{name}#"))


def open_elsewhere(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths`, and in those of them that are folders, beside which a lock file of Excel or LibreOffice
    lies. Folders that cannot be listed have none."""
    found: list[Path] = []
    for path in paths:
        with suppress(OSError):
            beside = sorted((path if path.is_dir() else path.parent).iterdir())
            locks = frozenset(file.name.casefold() for file in beside)
            files = [file for file in beside if not file.name.startswith(("~$", "."))] if path.is_dir() else [path]
            found += [file for file in files if not lock_files_of(file.name).isdisjoint(locks)]
    return found


class NotPrivate(OSError):
    """A file that others than its owner may read or write, that somebody else owns, or that is a symbolic link."""


def read_private_file(path: Path, limit: int) -> bytes:
    """The content of a plain file of at most `limit` bytes that nobody but the user of this process may read: of POSIX
    owned by the user or by root, without rights for group and others; of Windows with rights for its owner, SYSTEM and
    the administrators alone.

    Raises NotPrivate, UnusableFile, otherwise OSError or ValueError as opening a file does.
    """
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise NotPrivate(str(path))
    _refuse(path, status, limit)

    def opened(name: str, flags: int) -> int:
        return _without_waiting(name, flags | getattr(os, "O_NOFOLLOW", 0))

    with open(path, "rb", opener=opened) as file:
        status = os.fstat(file.fileno())
        _refuse(path, status, limit)
        if not _is_private(path, file.fileno(), status):
            raise NotPrivate(str(path))
        return file.read(limit)


def _is_private(path: Path, descriptor: int, status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return is_private_description(_security_description(path))
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o027:
        return False
    if not status.st_mode & 0o040:
        return True
    # systemd gives what LoadCredential has read as root:root 0440, where the 4 of the group is the mask of an access
    # control list (Linux, acl(5)) that names the service's user alone (systemd issue 29435).
    try:
        return is_private_list(os.getxattr(descriptor, "system.posix_acl_access"), os.geteuid())
    except (OSError, AttributeError):
        return False


_USER_OBJECT, _USER, _GROUP_OBJECT, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


def is_private_list(content: bytes, user: int) -> bool:
    """Whether a list as Linux keeps it (`system.posix_acl_access`: version, then tag, rights and id of each entry)
    gives rights to its owner, to `user` and to nobody else."""
    if len(content) < 12 or len(content) % 8 != 4:
        return False
    entries = list(struct.iter_unpack("<HHI", content[4:]))
    return all(
        tag in (_USER_OBJECT, _MASK) or not rights or (tag == _USER and who == user) for tag, rights, who in entries
    )


_DESCRIPTION = re.compile(r"O:([A-Z]{2}|S-[0-9-]+)D:[PAIR]*((?:\([^()]*\))*)")
_OWN_OF_WINDOWS = frozenset(("SY", "S-1-5-18", "BA", "S-1-5-32-544", "OW", "S-1-3-4"))


def is_private_description(description: str) -> bool:
    """Whether a security description of Windows (SDDL: owner `O:`, access list `D:`) gives rights to the owner, SYSTEM
    and the administrators alone. One without a list gives all rights to everybody; what is in no known shape is taken
    for that too."""
    found = _DESCRIPTION.fullmatch(description)
    if found is None:
        return False
    entries = [entry.split(";") for entry in found[2][1:-1].split(")(") if entry]
    allowed = _OWN_OF_WINDOWS | {found[1]}
    return all(entry[0] == "D" or (len(entry) == 6 and entry[5] in allowed) for entry in entries)


def _security_description(path: Path) -> str:
    """Owner and access list of a file, as SDDL. Raises OSError. Windows only."""
    if sys.platform == "win32":
        import ctypes

        api, owner_and_list = ctypes.windll.advapi32, 1 | 4
        found, text = ctypes.c_void_p(), ctypes.c_wchar_p()
        nothing = (None, None, None, None)
        error = api.GetNamedSecurityInfoW(ctypes.c_wchar_p(str(path)), 1, owner_and_list, *nothing, ctypes.byref(found))
        if error:
            raise ctypes.WinError(error)
        try:
            if api.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                found, 1, owner_and_list, ctypes.byref(text), None
            ):
                return text.value or ""
            raise ctypes.WinError()
        finally:
            ctypes.windll.kernel32.LocalFree(found)
            ctypes.windll.kernel32.LocalFree(text)
    raise OSError("Windows only")


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that has taken the file's place since is opened at once too, not when somebody writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse(path: Path, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnusableFile(path)
    if status.st_size > limit:
        raise UnusableFile(path, is_too_large=True)


MOST_LINKED_BYTES = 40_000_000
"""F-03: "40MB", read as the smaller of the two meanings."""

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_OPENXML = "application/vnd.openxmlformats-officedocument"

_KINDS = {
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "pdf": ("application/pdf", b"%PDF-"),
    "doc": ("application/msword", _OLE),
    "docx": (f"{_OPENXML}.wordprocessingml.document", _ZIP),
    "xls": ("application/vnd.ms-excel", _OLE),
    "xlsx": (f"{_OPENXML}.spreadsheetml.sheet", _ZIP),
    "ppt": ("application/vnd.ms-powerpoint", _OLE),
    "pptx": (f"{_OPENXML}.presentationml.presentation", _ZIP),
    "zip": ("application/zip", _ZIP),
}

EXTENSIONS = tuple(_KINDS)
"""What may be linked; IMG is in the document's list but unclear, so it is not offered (F-04)."""


class FileFault(StrEnum):
    """Why a file cannot be linked; the values are keys of the catalogues below `limits.`."""

    NAMED_JPEG = "jpg-name"
    KIND = "kind-of-file"
    UNREADABLE = "readable-file"
    SIZE = "size-of-file"
    CONTENT = "content-of-file"


def media_type_of(file: Path) -> str:
    """The media type of a file whose extension is one of `EXTENSIONS`."""
    return _KINDS[extension_of(file)][0]


def fault_of_file(file: Path) -> FileFault | None:
    """What keeps a file from being linked, None when nothing does: the service would not take it, or its first bytes
    contradict its extension (F-03 to F-05, F-14)."""
    fault = fault_of_name(file)
    if fault is not None:
        return fault
    _, beginning = _KINDS[extension_of(file)]
    try:
        if not file.is_file():  # a pipe would be waited for
            return FileFault.UNREADABLE
        size = file.stat().st_size
        with file.open("rb") as content:
            start = content.read(len(beginning))
    except (OSError, ValueError):
        return FileFault.UNREADABLE
    if not 0 < size <= MOST_LINKED_BYTES:
        return FileFault.SIZE
    return None if start == beginning else FileFault.CONTENT


def fault_of_name(file: Path) -> FileFault | None:
    """What is wrong with the extension of a file, whether it is there or not (F-04); None when nothing is."""
    extension = extension_of(file)
    if extension == "jpeg":
        return FileFault.NAMED_JPEG
    return None if extension in _KINDS else FileFault.KIND


def extension_of(file: Path) -> str:
    """The extension in small letters without a dot, as it travels (F-08)."""
    return file.suffix.lower().removeprefix(".")
