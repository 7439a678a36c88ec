"""Workbooks made by hand, for XML that no library writes."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.datetime import to_excel

from importer.model.problems import column_letters
from importer.model.workbook import FormSheet, Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from importer.xlsx.fast_reader import fast_rows
from importer.xlsx.package import Package
from importer.xlsx.values import SheetRows, UnsupportedXml

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."

FIELDS = tuple(column.name for column in JOURNALS.required)
"""The headings without which a sheet is no journal form; `form` puts them into columns A, B, C ..."""

FORMATS = (
    "General",
    "yyyy-mm-dd",
    "yyyy-mm-dd hh:mm:ss",
    "[$-41D]d mmmm yyyy",
    "[$-F800]dddd, mmmm dd, yyyy",
    "hh:mm",
    "[h]:mm:ss",
    '"day" 0',
    '#,##0.00 "kr/d"',
    "[Red]0.00",
    "000000",
    "0%",
)
"""The number formats of `workbook`, in the order of the cells' `s`; the style behind the last is built-in 14."""

_STYLES = {date: 1, datetime: 2, time: 5}
"""The number formats of moments."""
BUILT_IN_DATE = len(FORMATS)
ODD = "<!-- a comment makes XML odd: the exact reader reads it -->"


def style(number_format: str) -> int:
    """The `s` of a number format."""
    return FORMATS.index(number_format)


def letter(field: str) -> str:
    """The column of a field in `form`."""
    return column_letters(FIELDS.index(field))


def inline(reference: str, text: str) -> str:
    """A cell with a text of its own."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def headings(row: int = 1, first: int = 0, fields: Iterable[str] = FIELDS) -> str:
    """A heading row, from the given column (0 is A) on."""
    cells = (inline(f"{column_letters(index)}{row}", field) for index, field in enumerate(fields, start=first))
    return f'<row r="{row}">{"".join(cells)}</row>'


def row(number: int, cells: str, marks: str = "") -> str:
    """A row; `{r}` in the cells is its number."""
    return f'<row r="{number}"{marks}>{cells.replace("{r}", str(number))}</row>'


def sheet(rows: str, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """A worksheet with these rows."""
    root = f'<worksheet xmlns="{namespace}" xmlns:r="{OFFICE}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def form(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet of the journal form: its headings in row 1, then these rows."""
    return sheet(headings() + rows, before, after)


def workbook(
    *sheets: str | bytes,
    shared: str = "",
    marks: str = "",
    calculation: str = "",
    namespace: str = MAIN,
    titles: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
    states: Mapping[int, str] | None = None,
    changed: Mapping[str, str | bytes | None] | None = None,
) -> bytes:
    """A workbook of these worksheets, called by their `titles`, or Sheet1, Sheet2 ...

    `shared` are the shared strings (`<si>` elements), `marks` the attributes of workbookPr, `states` those of hidden
    sheets, `formats` the number formats. `changed` replaces, adds or (None) leaves out parts.
    """
    states = states or {}
    numbers = range(1, len(sheets) + 1)
    names = {n: quoteattr(titles[n - 1] if titles else f"Sheet{n}") for n in numbers}
    listed = "".join(
        f'<sheet name={names[n]} sheetId="{n}" state="{states.get(n, "visible")}" r:id="rId{n}"/>' for n in numbers
    )
    parts: dict[str, str | bytes | None] = {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}
            | {"rId98": ("sharedStrings", "sharedStrings.xml"), "rId99": ("styles", "styles.xml")}
        ),
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{OFFICE}"><workbookPr {marks}/>'
        f"<sheets>{listed}</sheets>{calculation}</workbook>",
        "xl/sharedStrings.xml": f'<sst xmlns="{namespace}">{shared}</sst>',
        "xl/styles.xml": _styles(namespace, formats),
        **{f"xl/worksheets/sheet{n}.xml": xml for n, xml in zip(numbers, sheets, strict=True)},
        **(changed or {}),
    }
    return zipped({name: part for name, part in parts.items() if part is not None})


def table(rows: Iterable[Sequence[object]], title: str = "Sheet", formats: Mapping[str, str] | None = None) -> bytes:
    """A workbook of one sheet with these values, as openpyxl writes them, which takes ten times as long; `formats` are
    the number formats of single cells. Empty rows are left out."""
    codes = formats or {}
    return workbook(sheet_of(rows, codes), titles=[title], formats=(*FORMATS, *codes.values()))


def sheet_of(rows: Iterable[Sequence[object]], formats: Iterable[str] = ()) -> str:
    """A worksheet with these values; the cells named in `formats` have the number formats behind the usual ones."""
    styles = {reference: place for place, reference in enumerate(formats, start=len(FORMATS))}
    written = ""
    for number, values in enumerate(rows, start=1):
        references = (f"{column_letters(index)}{number}" for index in range(len(values)))
        cells = (_cell(at, value, styles.get(at)) for at, value in zip(references, values, strict=True))
        written += row(number, "".join(cells)) if values else ""
    return sheet(written)


def _cell(reference: str, value: object, number_format: int | None) -> str:
    if value is None:
        return ""
    usual = _STYLES.get(type(value), 0) if number_format is None else number_format
    start = f'<c r="{reference}" s="{usual}"'
    match value:
        case bool():
            return f'{start} t="b"><v>{int(value)}</v></c>'
        case int() | float() | Decimal():
            return f"{start}><v>{value}</v></c>"
        case date() | time():
            return f"{start}><v>{to_excel(value)}</v></c>"
        case str() if value.startswith("=") and len(value) > 1:
            return f"{start}><f>{escape(value[1:])}</f><v/></c>"
        case str() if value in ERROR_CODES:
            return f'{start} t="e"><v>{value}</v></c>'
        case str():
            return f'{start} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    raise TypeError(value)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def plain_sheets(content: bytes) -> list[bool]:
    """Of each sheet whether the fast reader tells all of its values."""
    package = Package(content)
    return [_is_plain(fast_rows(package, part)) for part in package.sheets]


def _is_plain(read: SheetRows) -> bool:
    try:
        for batch in read.batches:
            for tokens in batch.columns.values():
                for token in tokens:
                    read.value_of(token)
    except UnsupportedXml:
        return False
    return True


def read(folder: Path, content: bytes, name: str = "book.xlsx") -> Workbook:
    """What `read_workbook` makes of these bytes."""
    path = folder / name
    path.write_bytes(content)
    return read_workbook(path, [JOURNALS])


def read_form(folder: Path, content: bytes) -> FormSheet:
    """The only form of these bytes."""
    found = read(folder, content)
    assert len(found.sheets) == 1, [problem.wording for problem in found.problems]
    return found.sheets[0]


def _content_types(numbers: Iterable[int]) -> str:
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/sharedStrings.xml": "sharedStrings", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}{kind}+xml"/>' for name, kind in parts.items()
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    relations = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'


def _styles(namespace: str, codes: Sequence[str]) -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + index}" formatCode={quoteattr(code)}/>' for index, code in enumerate(codes)
    )
    styles = "".join(f'<xf numFmtId="{164 + index}"/>' for index in range(len(codes))) + '<xf numFmtId="14"/>'
    return (
        f'<styleSheet xmlns="{namespace}"><numFmts>{formats}</numFmts><fonts><font/></fonts><fills><fill>'
        "<patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        f'<cellXfs>{styles}</cellXfs><cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
