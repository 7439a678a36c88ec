"""The catalogues that click reads by gettext, made of the words below `click.` in the project's own."""

import struct
from pathlib import Path

import importer
from importer.translations import Language, chapter

FOLDER = Path(importer.__file__).parent / "locale"
TRANSLATED: list[Language] = [one for one in Language if one is not Language.EN]
CATALOGUES: dict[Language, Path] = {one: FOLDER / one / "LC_MESSAGES" / "importer.mo" for one in TRANSLATED}
_PLURAL = {Language.ES: "n != 1", Language.FR: "n > 1"}
_MAGIC = 0x950412DE


def content_of(language: Language) -> bytes:
    """A binary catalogue, as the manual of GNU gettext describes it ("The Format of GNU MO Files")."""
    head = f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural={_PLURAL[language]};\n"
    texts = {"": head}
    theirs, ours = chapter(Language.EN, "click"), chapter(language, "click")
    for key, original in theirs.items():
        if key.endswith(".one"):
            many = key.removesuffix("one") + "many"
            texts[f"{original}\0{theirs[many]}"] = f"{ours[key]}\0{ours[many]}"
        elif not key.endswith(".many"):
            texts[original] = ours[key]
    pairs = sorted((original.encode(), text.encode()) for original, text in texts.items())
    start = 28 + 16 * len(pairs)
    tables, strings = [b"", b""], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), start + len(strings))
            strings += pair[side] + b"\0"
    sizes = (_MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return struct.pack("<7I", *sizes) + b"".join(tables) + strings
