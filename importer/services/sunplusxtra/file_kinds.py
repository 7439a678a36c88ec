"""The kinds of files that may be linked to journals. Stands alone, so that a check loads no HTTP for it."""

from enum import StrEnum
from pathlib import Path

MOST_BYTES = 40_000_000
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
    if not 0 < size <= MOST_BYTES:
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
