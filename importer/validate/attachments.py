"""The files that lines name: there, of a kind the service takes, small enough, and inside the workbook's folder."""

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from importer.model.problems import Problem
from importer.model.sheets import FormSheet

MOST_BYTES = 40_000_000
"""NOTES F-03: "40MB", read as the smaller of the two meanings."""

ALLOWED = ("jpg", "png", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip")
"""NOTES F-04; IMG is in the document's list but unclear, so it is not offered."""


def attachment_problems(sheet: FormSheet) -> Iterator[Problem]:
    """One problem for each cell whose files cannot be attached, and a warning where they could be."""
    folder = Path(sheet.file).resolve().parent
    for position, text in enumerate(sheet.columns.get("attachment", ())):
        if text is None:
            continue
        place = sheet.place(sheet.rows[position], "attachment")
        faults = (_fault(name.strip(), folder) for name in text.split(";") if name.strip())
        code, wording, facts = next((fault for fault in faults if fault), _NOT_SENT)
        yield Problem(code, place, None, text, None, wording, facts)


_Fault = tuple[str, str, dict[str, str]]
_NOT_SENT: _Fault = ("attachment-not-sent", "attachment-not-sent", {})


def _fault(name: str, folder: Path) -> _Fault | None:
    bad = {"name": name}
    # Windows' own ways to leave a folder count everywhere: drives, UNC shares and alternate streams (CWE-22).
    if PureWindowsPath(name).drive or ":" in name or not _lies_inside(name, folder):
        return "bad-attachment", "bad-attachment.outside", bad
    file = folder / name.replace("\\", "/")
    suffix = file.suffix.lower().removeprefix(".")
    if suffix == "jpeg":
        return "bad-attachment", "bad-attachment.jpeg", bad
    if suffix not in ALLOWED:
        return "bad-attachment", "bad-attachment.format", bad | {"allowed": ", ".join(ALLOWED)}
    try:
        size = file.stat().st_size if file.is_file() else None
    except OSError:  # a name that no file system takes
        size = None
    if size is None:
        return "missing-attachment", "missing-attachment", bad
    if size == 0:
        return "bad-attachment", "bad-attachment.empty", bad
    if size > MOST_BYTES:
        return "bad-attachment", "bad-attachment.size", bad
    return None


def _lies_inside(name: str, folder: Path) -> bool:
    try:
        return (folder / name.replace("\\", "/")).resolve().is_relative_to(folder)
    except (OSError, ValueError):
        return True  # no such file can be; that is said elsewhere
