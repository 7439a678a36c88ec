"""The files that lines name: there, of a kind the service takes, small enough, what their names say, and inside the
workbook's folder or the folder of attachments."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PureWindowsPath

from importer.files import EXTENSIONS, FileFault, fault_of_file, fault_of_name
from importer.model.problems import Problem
from importer.model.workbook import FormSheet

_WORDINGS = {FileFault.NAMED_JPEG: "jpeg", FileFault.KIND: "format", FileFault.CONTENT: "content"}


def attachment_problems(sheet: FormSheet, root: Path | None = None) -> Iterator[Problem]:
    """One problem for each cell that names a file which cannot be attached. `root` is a folder in which files may lie
    besides the workbook's own."""
    folders = _folders(sheet, root)
    for position, text in enumerate(sheet.columns.get("attachment", ())):
        place = sheet.place(sheet.rows[position], "attachment")
        fault = next((fault for name in names_in(text) if (fault := _fault(name, folders))), None)
        if fault is not None:
            code, wording, facts = fault
            yield Problem(code, place, None, text, None, wording, facts)


def attachments_by_row(sheet: FormSheet, root: Path | None = None) -> Mapping[int, tuple[Path, ...]]:
    """The files of each row that names some, as real paths (links followed), each once; those that cannot be attached
    are left out, as `attachment_problems` tells of them."""
    folders = _folders(sheet, root)
    found: dict[int, tuple[Path, ...]] = {}
    for row, text in zip(sheet.rows, sheet.columns.get("attachment", ()), strict=False):
        files = [_placed(name, folders)[0] for name in names_in(text) if _fault(name, folders) is None]
        if files:
            found[row] = tuple(dict.fromkeys(file for file in files if file is not None))
    return found


def placed_files(sheet: FormSheet, root: Path | None) -> dict[str, Path]:
    """The files that the rows of a sheet name and that may be linked, by their names as the cells have them; `root` is
    a folder in which they may lie besides the workbook's own."""
    folders = _folders(sheet, root)
    names = {name for text in set(sheet.columns.get("attachment", ())) for name in names_in(text)}
    placed = {name: _placed(name, folders)[0] for name in sorted(names) if _fault(name, folders) is None}
    return {name: file for name, file in placed.items() if file is not None}


def names_in(text: str | None) -> list[str]:
    """The names in a cell: separated by semicolons, without blanks around them."""
    return [name.strip() for name in (text or "").split(";") if name.strip()]


_Fault = tuple[str, str, dict[str, str]]


def _folders(sheet: FormSheet, root: Path | None) -> list[Path]:
    folders = [Path(sheet.file).parent] if root is None else [Path(sheet.file).parent, root.expanduser()]
    return [folder.resolve() for folder in folders]


def _fault(name: str, folders: list[Path]) -> _Fault | None:
    bad = {"name": name}
    file, is_outside = _placed(name, folders)
    if is_outside:
        return "bad-attachment", "bad-attachment.outside", bad
    if file is None:
        fault = fault_of_name(Path(name.replace("\\", "/")))
        if fault is None:
            return "missing-attachment", "missing-attachment", bad
    else:
        fault = fault_of_file(file)
        if fault is None:
            return None
    if fault is FileFault.UNREADABLE:
        return "bad-attachment", "bad-attachment.unreadable", bad
    if fault is FileFault.SIZE:
        is_empty = file is not None and file.stat().st_size == 0
        return "bad-attachment", f"bad-attachment.{'empty' if is_empty else 'size'}", bad
    allowed = {"allowed": ", ".join(EXTENSIONS)} if fault is FileFault.KIND else {}
    return "bad-attachment", f"bad-attachment.{_WORDINGS[fault]}", bad | allowed


def _placed(name: str, folders: list[Path]) -> tuple[Path | None, bool]:
    """The real path of the first file of that name (None: there is none), and whether the name leads out of every
    folder."""
    # Windows' own ways to leave a folder count everywhere: drives, UNC shares and alternate streams (CWE-22).
    if PureWindowsPath(name).drive or ":" in name:
        return None, True
    is_inside = leaves = False
    for folder in folders:
        try:
            file = (folder / name.replace("\\", "/")).resolve()
            if any(file.is_relative_to(inside) for inside in folders):
                is_inside = True
                if file.is_file():
                    return file, False
            else:
                leaves = leaves or file.is_file()
        except (OSError, ValueError, RuntimeError):
            is_inside = True  # no such file can be; that is said elsewhere
    return None, leaves or not is_inside
