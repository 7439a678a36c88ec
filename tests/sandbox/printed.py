"""What stands on a PDF of the sandbox: its text, read from its own streams."""

import re
import zlib

_TEXT = re.compile(rb"\(((?:[^\\()]|\\.)*)\) Tj")


def text_of(pdf: bytes) -> str:
    """All pieces of text, one a line."""
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    streams = (zlib.decompress(found) for found in _streams(pdf))
    pieces = (re.sub(rb"\\(.)", rb"\1", piece) for stream in streams for piece in _TEXT.findall(stream))
    return "\n".join(piece.decode("windows-1252") for piece in pieces)


def paper_of(pdf: bytes) -> tuple[float, float]:
    """Width and height of the pages in points."""
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    return float(box[0]), float(box[1])


def pages_of(pdf: bytes) -> int:
    """How many there are."""
    return len(re.findall(rb"/Type /Page\b", pdf))


def _streams(pdf: bytes) -> list[bytes]:
    is_page = re.compile(rb"/Filter /FlateDecode\s*/Length \d+\s*>>\s*stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
    return is_page.findall(pdf)
