"""Pages of a PDF in Helvetica, which every reader has and which knows the letters of Windows-1252.

`pydyf` writes the file; here is where things stand on a page. Lengths are points (1/72 inch), measured from the lower
left corner.
"""

import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pydyf

MILLIMETRE = 72 / 25.4
LEADING = 1.35
"""Height of a line in sizes of its type."""

LARGEST_PICTURE = 4_000_000
"""Pixels; a picture of a few bytes can be huge."""

_WIDTHS = {
    mark: width
    for width, marks in (
        (191, "'"),
        (222, "ijl"),
        (260, "|"),
        (278, " !,./:;I[\\]ft·"),
        (333, "()-`r{}"),
        (389, '*"'),
        (500, "Jckvsxyz"),
        (556, "#$0123456789?L_^abdeghnopqu«»€"),
        (584, "+<=>~"),
        (611, "FTZ"),
        (667, "&ABEKPSVXY"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (889, "%"),
        (944, "W"),
    )
    for mark in marks
}
"""Widths of Helvetica in thousandths of the type's size, rounded up here and there; digits are the same in bold."""

_BOLDER = 56
"""What a letter of the bold type is wider at most."""


def printable(text: str) -> str:
    """The text with what the fonts do not have replaced by question marks, and control characters by blanks."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(mark)[0] == "C" else mark for mark in composed)
    return visible.encode("windows-1252", "replace").decode("windows-1252")


def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width of a printable text in points, set in `size` points, bold or not; accents add nothing."""
    thousandths = 0
    for mark in text:
        width = _WIDTHS.get(mark) or _WIDTHS.get(unicodedata.normalize("NFD", mark)[0], 1015)
        thousandths += width + (_BOLDER if bold and mark.isalpha() else 0)
    return thousandths * size / 1000


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """The printable text in lines no wider than `width` points, set in `size` points, bold or not; a word that is
    wider is broken."""
    lines = [""]
    for word in re.findall(r" *[^ ]+", text):
        if lines[-1] and width_of(lines[-1] + word, size, bold) > width:
            lines.append("")
        rest = word if lines[-1] else word.lstrip(" ")
        while (fitting := _fitting(rest, width, size, bold)) < len(rest):
            lines[-1], rest = rest[:fitting], rest[fitting:]
            lines.append("")
        lines[-1] += rest
    return lines


def _fitting(word: str, width: float, size: float, bold: bool) -> int:
    """How many characters of a word fit, one at least."""
    if width_of(word, size, bold) <= width:
        return len(word)
    return max(1, next(n for n in range(len(word)) if width_of(word[: n + 1], size, bold) > width))


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG or PNG as a PDF holds it: its bytes as they are, and the members that tell how to read them.

    `blend` is a PostScript function that lays pixels with transparency on white; empty for a picture without.
    """

    width: int
    height: int
    content: bytes
    members: dict[str, object]
    blend: str = ""


class Pages:
    """Pages with a footer, written from the top down; the same content gives the same bytes."""

    def __init__(self, title: str, paper: tuple[int, int], margin: int, footer: str, made_on: date) -> None:
        """`paper` and `margin` are in millimetres; `footer` stands before the page's number."""
        self.width, self.height, self.margin = (length * MILLIMETRE for length in (*paper, margin))
        self.inner_width = self.width - 2 * self.margin
        self._footer = footer
        self._pdf = pydyf.PDF()
        self._pdf.info["Title"] = pydyf.String(title)
        self._pdf.info["CreationDate"] = pydyf.String(f"D:{made_on:%Y%m%d}000000Z")
        self._pictures = pydyf.Dictionary()
        fonts = pydyf.Dictionary({"Regular": _font("Helvetica"), "Bold": _font("Helvetica-Bold")})
        self._resources = pydyf.Dictionary({"Font": fonts, "XObject": self._pictures})
        self._pdf.add_object(self._resources)
        self.add_page()

    def add_page(self) -> None:
        """Begins a page."""
        self._stream = pydyf.Stream(compress=True)
        self._pdf.add_object(self._stream)
        page = {
            "Type": "/Page",
            "Parent": self._pdf.pages.reference,
            "MediaBox": pydyf.Array([0, 0, self.width, self.height]),
            "Resources": self._resources.reference,
            "Contents": self._stream.reference,
        }
        self._pdf.add_page(pydyf.Dictionary(page))
        self.y = self.height - self.margin
        foot = printable(f"{self._footer} {self._pdf.pages['Count']}")
        self.write_at(self.width - self.margin - width_of(foot, 7), self.margin - 7, foot, 7)

    def make_room(self, height: float) -> bool:
        """Begins a page when less than `height` is left on this one, and returns whether it did."""
        if self.y - height >= self.margin + 10:
            return False
        self.add_page()
        return True

    def write_at(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        """Writes a printable text whose base line begins at the point `x`, `y`, in `size` points."""
        self._stream.begin_text()
        self._stream.set_font_size("Bold" if bold else "Regular", size)
        self._stream.set_text_matrix(1, 0, 0, 1, x, y)
        self._stream.show_text_string(text.encode("windows-1252"))
        self._stream.end_text()

    def write(self, text: str, size: float = 9, bold: bool = False) -> None:
        """Writes a paragraph of `text` over the whole width, in `size` points, bold or not."""
        for line in wrapped(printable(text), self.inner_width, size, bold):
            self.make_room(size * LEADING)
            self.y -= size * LEADING
            self.write_at(self.margin, self.y, line, size, bold)

    def write_boxed(self, text: str, size: float) -> None:
        """A text in bold in a frame."""
        shown = printable(text)
        self.make_room(size * 2.2)
        self.y -= size * 2.2
        self._stream.rectangle(self.margin, self.y, width_of(shown, size, bold=True) + 2 * size, size * 2)
        self._stream.stroke()
        self.write_at(self.margin + size, self.y + size * 0.65, shown, size, bold=True)

    def write_table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float, numbers: Collection[int] = ()
    ) -> None:
        """Rows with a rule below each; the first one is the heading, in bold, with which every page begins again.

        rows: their texts, cell by cell.
        widths: of the columns, in proportion to each other.
        size: of the type, in points.
        numbers: the places of columns that are written to the right, counted from 0.
        """
        scaled = [width * self.inner_width / sum(widths) for width in widths]
        for number, row in enumerate(rows):
            bold = number == 0
            cells = [wrapped(printable(cell), width - 4, size, bold) for cell, width in zip(row, scaled, strict=True)]
            if self.make_room(max(map(len, cells)) * size * LEADING + 3) and not bold:
                self.write_table(rows[:1], widths, size, numbers)
            self._write_row(cells, scaled, size, numbers, bold)

    def _write_row(
        self, cells: list[list[str]], widths: list[float], size: float, numbers: Collection[int], bold: bool
    ) -> None:
        x = self.margin
        for place, (lines, width) in enumerate(zip(cells, widths, strict=True)):
            for number, line in enumerate(lines, 1):
                start = x + width - 2 - width_of(line, size, bold) if place in numbers else x + 2
                self.write_at(start, self.y - number * size * LEADING, line, size, bold)
            x += width
        self.y -= max(map(len, cells)) * size * LEADING + 3
        self.rule(self.margin, self.margin + self.inner_width)

    def rule(self, start: float, end: float) -> None:
        """A thin line from left to right."""
        self._stream.set_line_width(0.5)
        self._stream.move_to(start, self.y)
        self._stream.line_to(end, self.y)
        self._stream.stroke()

    def draw(self, picture: Picture, side: float) -> None:
        """A picture in the upper right corner, no wider and no higher than `side`."""
        members = dict(picture.members)
        if picture.blend:
            members["ColorSpace"] = self._blending(picture)
        members |= {"Type": "/XObject", "Subtype": "/Image", "Width": picture.width, "Height": picture.height}
        image = pydyf.Stream([picture.content], members)
        self._pdf.add_object(image)
        self._pictures["Logo"] = image.reference
        scale = side / max(picture.width, picture.height)
        width, height = picture.width * scale, picture.height * scale
        self._stream.push_state()
        self._stream.set_matrix(width, 0, 0, height, self.width - self.margin - width, self.y - height)
        self._stream.draw_x_object("Logo")
        self._stream.pop_state()

    def _blending(self, picture: Picture) -> pydyf.Array:
        colours = 3 if picture.members["ColorSpace"] == "/DeviceRGB" else 1
        domain, span = pydyf.Array([0, 1] * (colours + 1)), pydyf.Array([0, 1] * colours)
        function = pydyf.Stream([picture.blend], {"FunctionType": 4, "Domain": domain, "Range": span})
        self._pdf.add_object(function)
        names = pydyf.Array([f"/Channel{n}" for n in range(colours + 1)])
        return pydyf.Array(["/DeviceN", names, picture.members["ColorSpace"], function.reference])

    def output(self) -> bytes:
        """The file."""
        file = io.BytesIO()
        self._pdf.write(file)
        return file.getvalue()


def _font(name: str) -> pydyf.Dictionary:
    members = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{name}", "Encoding": "/WinAnsiEncoding"}
    return pydyf.Dictionary(members)


def read_picture(source: bytes) -> Picture:
    """The picture of a JPEG or PNG file. ValueError when it is none, has too many pixels, or is an interlaced PNG."""
    try:
        picture = _read_png(source) if source.startswith(b"\x89PNG\r\n\x1a\n") else _read_jpeg(source)
    except (struct.error, zlib.error, KeyError) as error:
        raise ValueError("it is broken") from error
    return picture


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise ValueError("it has no pixels")
    if width * height > LARGEST_PICTURE:
        raise ValueError("it has too many pixels")


_ON_WHITE = {
    "/DeviceGray": "{ exch 1 exch sub mul 1 exch sub }",
    "/DeviceRGB": "{ 4 1 roll " + "1 exch sub 3 index mul 1 exch sub 3 1 roll " * 3 + "4 -1 roll pop }",
}
"""From colours and opacity c, a to the colours 1 - a * (1 - c) on white paper."""


def _read_png(source: bytes) -> Picture:
    """A PNG: its pixels stay compressed, as a PDF reads them in the same way."""
    chunks = _chunks_of(source)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    _check_size(width, height)
    if interlaced:
        raise ValueError("it is interlaced, which the sandbox does not print")
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    expected = height * (1 + (width * channels * depth + 7) // 8)
    if len(zlib.decompressobj().decompress(chunks[b"IDAT"], expected + 1)) != expected:
        raise ValueError("it is not whole")
    space = "/DeviceRGB" if colour in (2, 6) else "/DeviceGray"
    parameters = {"Predictor": 15, "Colors": channels, "BitsPerComponent": depth, "Columns": width}
    members: dict[str, object] = {
        "ColorSpace": space,
        "BitsPerComponent": depth,
        "Filter": "/FlateDecode",
        "DecodeParms": pydyf.Dictionary(parameters),
    }
    if colour == 3:
        palette = chunks[b"PLTE"]
        members["ColorSpace"] = pydyf.Array(["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, f"<{palette.hex()}>"])
    return Picture(width, height, chunks[b"IDAT"], members, _ON_WHITE[space] if colour in (4, 6) else "")


def _chunks_of(png: bytes) -> dict[bytes, bytes]:
    """The content of each kind of chunk, after its check sum was compared."""
    chunks: dict[bytes, bytes] = {}
    place = 8
    while b"IEND" not in chunks:
        length, kind = struct.unpack_from(">I4s", png, place)
        content = png[place + 8 : place + 8 + length]
        (check_sum,) = struct.unpack_from(">I", png, place + 8 + length)
        if zlib.crc32(kind + content) != check_sum:
            raise ValueError("a check sum is wrong")
        chunks[kind] = chunks.get(kind, b"") + content
        place += 12 + length
    return chunks


def _read_jpeg(source: bytes) -> Picture:
    """A JPEG, which a PDF holds as it is; its size stands in the frame's header."""
    if not source.startswith(b"\xff\xd8"):
        raise ValueError("it is neither")
    place = 2
    while True:
        mark, kind, length = struct.unpack_from(">BBH", source, place)
        if mark != 0xFF:
            raise ValueError("it is broken")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            break
        place += 2 + length
    depth, height, width, channels = struct.unpack_from(">BHHB", source, place + 4)
    _check_size(width, height)
    if b"\xff\xd9" not in source[place:]:
        raise ValueError("it is not whole")
    space = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}[channels]
    members: dict[str, object] = {"ColorSpace": space, "BitsPerComponent": depth, "Filter": "/DCTDecode"}
    if channels == 4:
        members["Decode"] = pydyf.Array([1, 0] * 4)  # programs write these inverted, as Adobe's did
    return Picture(width, height, source, members)
