"""LibreOffice without a window: calculates and saves again, or prints."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


def _has_fonts() -> bool:
    """False only where it is certain: LibreOffice does not start without any font."""
    lister = shutil.which("fc-list")
    return lister is None or bool(subprocess.run([lister], capture_output=True, check=False).stdout.strip())


_without_office = pytest.mark.skipif(
    not (shutil.which("soffice") and _has_fonts()), reason="LibreOffice is not installed, or the machine has no fonts"
)


def needs_office(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that starts LibreOffice: it is one of the long ones, and skipped where LibreOffice is missing."""
    marked: Callable[..., None] = pytest.mark.long(_without_office(test))
    return marked


_FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "pdf": "pdf"}


def converted(workbook: Path, ending: str) -> Path:
    """The workbook as LibreOffice saves it, in a folder of its own beside it: `xlsx` (calculated anew where a formula
    has no result) or `pdf`."""
    folder = workbook.parent / "saved"
    profile = (workbook.parent / "profile").as_uri()
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            _FILTERS[ending],
            "--outdir",
            str(folder),
            str(workbook),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / f"{workbook.stem}.{ending}"
