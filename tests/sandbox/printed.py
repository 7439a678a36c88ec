"""What stands on a PDF of the sandbox, as a library of others reads it."""

import io
from typing import Any

import pytest


def text_of(pdf: bytes) -> str:
    """The text of all pages."""
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    return "\n".join(page.extract_text() for page in _read(pdf).pages)


def paper_of(pdf: bytes) -> tuple[float, float]:
    """Width and height of the pages in points."""
    (size,) = {(float(page.mediabox.width), float(page.mediabox.height)) for page in _read(pdf).pages}
    return size


def pages_of(pdf: bytes) -> int:
    """How many there are."""
    return len(_read(pdf).pages)


def pictures_of(pdf: bytes) -> list[Any]:
    """The pictures of all pages, as Pillow reads them."""
    return [picture.image for page in _read(pdf).pages for picture in page.images]


def _read(pdf: bytes) -> Any:
    # The extra `test` has it; an environment that was made before it had is told in a sentence.
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: pip install -e '.[test]'")
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)
