"""Workbooks written part by part, for XML that no library writes."""

import io
import zipfile
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="20" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def workbook(
    rows: str,
    *,
    namespace: str = MAIN,
    before: str = "",
    sheet: str | bytes | None = None,
    book: str = "",
    strings: str = "",
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook of one sheet. `rows` is the inside of sheetData, `before` what stands in front of it, `sheet` the
    whole part instead, `book` what stands in the workbook part before its sheets, `strings` the inside of the shared
    strings, `more` further parts."""
    office = _STRICT_OFFICE if namespace == STRICT else _OFFICE
    inside = sheet or f'<worksheet xmlns="{namespace}">{before}<sheetData>{rows}</sheetData></worksheet>'
    relations = f'xmlns="{_PACKAGE}/relationships"'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        '"application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
        '"/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName='
        '"/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships {relations}><Relationship Id="rId1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{office}">{book}<sheets><sheet name="Hoja" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships {relations}><Relationship Id="rId1" Type="{office}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": inside,
        "xl/styles.xml": STYLES.replace(MAIN, namespace),
        "xl/sharedStrings.xml": f'<sst xmlns="{namespace}">{strings}</sst>',
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **(more or {})}.items():
            archive.writestr(name, content)
    return target.getvalue()


FIELDS = (
    "journal",
    "journalType",
    "account",
    "treference",
    "description",
    "transaction",
    "amount",
    "currency",
    "transDateTime",
    "period",
)


def text(reference: str, content: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'


def heading(row: int = 1) -> str:
    """The heading row, wire names from column A on."""
    return f'<row r="{row}">' + "".join(text(f"{chr(65 + i)}{row}", name) for i, name in enumerate(FIELDS)) + "</row>"


def line(row: int, **cells: str) -> str:
    """A row with the XML of some cells by field; `{at}` in it stands for the cell's reference."""
    made = {field: text("{at}", "x") for field in ("journal", "description")} | cells
    inside = "".join(
        made[field].replace("{at}", f"{chr(65 + i)}{row}") for i, field in enumerate(FIELDS) if field in made
    )
    return f'<row r="{row}">{inside}</row>'
