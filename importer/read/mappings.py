"""Mappings: how the sheets of a person's own workbook are read, declared once and kept as a small TOML file."""

import hashlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer.errors import SetupError, unusable_file
from importer.files import UnusableFile, read_plain_file
from importer.model.workbook import TEXT_ENCODINGS
from importer.read.declared_formats import DATES, NEGATIVE_TEXTS, NUMBERS, PERIODS
from importer.read.text_above_headings import BELOW, RIGHT, SCALES, LabelledCell
from importer.templates.forms import JOURNALS, Kind, fold_heading

NAME = re.compile(r"[a-z0-9-]{1,40}")
EACH_SHEET = "each sheet"
SIGNED = ("positive is debit", "positive is credit")
NEGATIVE = ("refuse", "other-side")
OTHER_SIDE = NEGATIVE[1]
PLAIN_MINUS = ("-1.00",)
"""How negative amounts are written where nothing is declared."""

_SCALES = tuple(SCALES.values())
SIDES: Mapping[str, tuple[str, str]] = {"D/C": ("D", "C"), "C/A": ("C", "A"), "D/H": ("D", "H"), "S/H": ("S", "H")}
"""The letters of debit and credit: Debit/Credit, Cargo/Abono, Debe/Haber, Soll/Haben."""

_MONTH_OF = re.compile(r"month of (\w+)")
_MOST_BYTES = 1024**2

DATE_FIELDS = tuple(column.name for column in JOURNALS.every_column if column.kind is Kind.DATE)
AMOUNT_FIELDS = tuple(column.name for column in JOURNALS.every_column if column.kind is Kind.AMOUNT)
_FIELDS = frozenset(column.name for column in JOURNALS.every_column)
NEVER_CONSTANT = frozenset((*DATE_FIELDS, *AMOUNT_FIELDS, "period", "journal", "line", "attachment"))
NO_AMOUNT = "-"
"""What many systems write where the column of the other side has the amount."""
NO_CELLS = frozenset((*AMOUNT_FIELDS, "transaction", "journal", "line", "attachment"))
_NO_VALUES = frozenset((*DATE_FIELDS, *AMOUNT_FIELDS, "period", "line", "attachment"))


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """What a person has declared of a sheet. `headings` are by field, `constants` the values of all rows; `derive` is
    the date field whose month is the period. `journal` are the headings that make a journal's key together (none and
    `is_each_sheet`: a sheet is a journal). `values` are, by field and folded text, what stands for a text. `unread`
    are the sheet's further headings, `notes` the texts above the headings with which amounts are still what they are.
    `encoding` is that of texts (`.csv`) that do not tell theirs, `scale` what every amount is multiplied by. `sha256`
    is that of the file."""

    name: str
    sha256: str
    headings: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, LabelledCell] = field(default_factory=dict)
    derive: str | None = None
    dates: str | None = None
    periods: str | None = None
    numbers: str | None = None
    negative_text: tuple[str, ...] = PLAIN_MINUS
    negative: str = NEGATIVE[0]
    sides: str | None = None
    signed: str | None = None
    journal: tuple[str, ...] = ()
    is_each_sheet: bool = False
    skip: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str | None = None
    scale: int = 1

    @property
    def read_headings(self) -> frozenset[str]:
        """The folded headings whose columns are read."""
        return frozenset(map(fold_heading, (*self.headings.values(), *self.journal)))

    @property
    def heading_set(self) -> frozenset[str]:
        """The folded headings of the sheets that it is for."""
        return self.read_headings.union(map(fold_heading, self.unread))

    @property
    def formats(self) -> dict[str, str]:
        """What is declared of the texts of dates, periods, numbers, negative ones and sides, by key."""
        found = {name: getattr(self, name) for name in ("dates", "periods", "numbers", "sides")}
        found["negative_text"] = "" if self.negative_text == PLAIN_MINUS else ", ".join(self.negative_text)
        return {name: text for name, text in found.items() if text}

    def code_of(self, name: str, text: str) -> str:
        """What stands for a text of a field: itself where nothing is declared."""
        return self.values.get(name, {}).get(fold_value(text), text)


def fold_value(text: str) -> str:
    """A text as the value maps compare it: without regard to case."""
    return text.strip().casefold()


def mapping_of(name: str, text: str, file: str) -> SheetMapping:
    """The mapping in the text of the TOML file `file`. Raises SetupError with file and line for whatever is not a
    mapping: unknown keys, fields or formats, a field that comes from two places, a field that comes from nowhere."""
    return _Parser(name, text, file).mapping()


class _Parser:
    def __init__(self, name: str, text: str, file: str) -> None:
        self._name, self._text, self._file = name, text, file
        if not NAME.fullmatch(name):
            raise SetupError("mapping-name", name=name)
        try:
            self._tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SetupError("mapping-syntax", file=file, detail=str(error)) from error

    def mapping(self) -> SheetMapping:
        for key in self._tree:
            if key not in _KEYS:
                raise self._wrong("mapping-key", key, known=", ".join(_KEYS))
        journal = self._journal()
        mapping = SheetMapping(
            name=self._name,
            sha256=hashlib.sha256(self._text.encode()).hexdigest(),
            headings=self._texts("headings", _FIELDS),
            constants=self._constants(),
            cells={name: self._cell(name, text) for name, text in self._texts("cells", _FIELDS).items()},
            derive=self._derive(),
            dates=self._choice("dates", DATES),
            periods=self._choice("periods", PERIODS),
            numbers=self._choice("numbers", NUMBERS),
            negative_text=self._several("negative_text", NEGATIVE_TEXTS) or PLAIN_MINUS,
            negative=self._choice("negative", NEGATIVE) or NEGATIVE[0],
            sides=self._choice("sides", SIDES),
            signed=self._choice("signed", SIGNED),
            journal=() if journal == (EACH_SHEET,) else journal,
            is_each_sheet=journal == (EACH_SHEET,),
            skip=self._several("skip"),
            values=self._values(),
            unread=self._several("unread"),
            notes=self._several("notes"),
            encoding=self._choice("encoding", TEXT_ENCODINGS),
            scale=self._scale(),
        )
        self._check(mapping)
        return mapping

    def _wrong(self, key: str, name: str, **facts: str) -> SetupError:
        return SetupError(key, file=self._file, line=str(self._line_of(name)), name=name, **facts)

    def _line_of(self, name: str) -> int:
        """The line on which a key or text stands first."""
        found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self._text)
        return self._text.count("\n", 0, found.start()) + 1 if found else 1

    def _expected(self, name: str, expected: str) -> SetupError:
        return self._wrong("mapping-value", name, expected=expected)

    def _table(self, key: str) -> Mapping[str, Any]:
        table = self._tree.get(key, {})
        if not isinstance(table, dict):
            raise self._expected(key, "{ … = … }")
        return table

    def _texts(self, key: str, fields: frozenset[str]) -> dict[str, str]:
        texts = {}
        for name, text in self._table(key).items():
            if name not in fields:
                raise self._wrong("mapping-field", name, table=key)
            texts[name] = self._text_of(name, text)
        return texts

    def _text_of(self, name: str, text: object) -> str:
        if not isinstance(text, str) or not text.strip():
            raise self._expected(name, '"…"')
        return text.strip()

    def _choice(self, key: str, choices: Mapping[str, object] | Sequence[str]) -> str | None:
        text = self._tree.get(key)
        if text is None:
            return None
        if not isinstance(text, str) or text not in choices:
            raise self._expected(key, " | ".join(f'"{one}"' for one in choices))
        return text

    def _scale(self) -> int:
        scale = self._tree.get("scale", 1)
        if not isinstance(scale, int) or isinstance(scale, bool) or scale not in (1, *_SCALES):
            raise self._expected("scale", " | ".join(map(str, _SCALES)))
        return scale

    def _several(self, key: str, choices: Mapping[str, object] | None = None) -> tuple[str, ...]:
        texts = self._tree.get(key, [])
        if not isinstance(texts, list):
            raise self._expected(key, '["…"]')
        found = tuple(self._text_of(key, text) for text in texts)
        if choices is not None and not choices.keys() >= set(found):
            raise self._expected(key, " | ".join(f'"{one}"' for one in choices))
        return found

    def _journal(self) -> tuple[str, ...]:
        declared = self._tree.get("journal", [])
        if not isinstance(declared, str | list):
            raise self._expected("journal", f'"{EACH_SHEET}" | "…" | ["…", "…"]')
        return tuple(self._text_of("journal", text) for text in ([declared] if isinstance(declared, str) else declared))

    def _constants(self) -> dict[str, str]:
        constants = self._texts("constants", _FIELDS)
        for name in constants:
            if name in NEVER_CONSTANT:
                raise self._wrong("mapping-constant", name)
        return constants

    def _cell(self, name: str, text: str) -> LabelledCell:
        cell = LabelledCell.of(text)
        if cell is None or name in NO_CELLS:
            raise self._expected(name, f'"{RIGHT}…" | "{BELOW}…"')
        return cell

    def _derive(self) -> str | None:
        derived = self._texts("derive", frozenset(("period",)))
        found = _MONTH_OF.fullmatch(derived.get("period", ""))
        if derived and (found is None or found[1] not in DATE_FIELDS):
            raise self._expected("derive", " | ".join(f'{{ period = "month of {one}" }}' for one in DATE_FIELDS))
        return found[1] if found is not None else None

    def _values(self) -> dict[str, dict[str, str]]:
        values: dict[str, dict[str, str]] = {}
        for name, table in self._table("values").items():
            if name not in _FIELDS - _NO_VALUES:
                raise self._wrong("mapping-field", name, table="values")
            if not isinstance(table, dict):
                raise self._expected(name, "{ … = … }")
            values[name] = {fold_value(text): self._text_of(name, code) for text, code in table.items()}
            if len(values[name]) != len(table):
                raise self._wrong("mapping-twice", name)
        return values

    def _check(self, mapping: SheetMapping) -> None:
        """That each field comes from one place, and each required one from somewhere."""
        sources = [*mapping.headings, *mapping.constants, *mapping.cells]
        sources += ["period"] * (mapping.derive is not None)
        sources += ["journal"] * bool(mapping.journal or mapping.is_each_sheet)
        sources += ["transaction"] * (mapping.signed is not None)
        twice = [name for name in sources if sources.count(name) > 1]
        if twice:
            raise self._wrong("mapping-twice", twice[0])
        both = [text for text in mapping.unread if fold_heading(text) in mapping.read_headings]
        if both:
            raise self._wrong("mapping-twice", both[0])
        lacks = [one.name for one in JOURNALS.required if one.name not in (*sources, "transaction", "amount")]
        if not ({"transaction", "amount"} <= set(sources) or {"debit", "credit"} <= set(sources)):
            lacks.append("amount")
        if {"amount", "transaction"} & set(sources) and {"debit", "credit"} & set(sources):
            raise self._wrong("mapping-twice", "debit")
        if lacks:
            raise SetupError("mapping-lacks", file=self._file, fields=", ".join(lacks))
        if mapping.signed is not None and mapping.negative == OTHER_SIDE:
            raise self._wrong("mapping-twice", "negative")
        if mapping.sides is not None and "transaction" not in mapping.headings:
            raise self._wrong("mapping-field", "sides", table="transaction")
        if mapping.periods is not None and "period" not in (*mapping.headings, *mapping.cells):
            raise self._wrong("mapping-field", "periods", table="period")
        if mapping.derive is not None and mapping.derive not in sources:
            raise SetupError("mapping-lacks", file=self._file, fields=mapping.derive)
        letters = SIDES[mapping.sides or "D/C"]
        if not set(mapping.values.get("transaction", {}).values()) <= set(letters):
            raise self._expected("transaction", " | ".join(letters))


_KEYS = (
    *("headings", "constants", "cells", "derive", "dates", "periods", "numbers", "negative_text", "negative", "sides"),
    *("signed", "journal", "skip", "values", "unread", "notes", "encoding", "scale"),
)


def declared(mapping: SheetMapping) -> dict[str, Any]:
    """The mapping as the tree of its TOML file."""
    journal: str | list[str] = EACH_SHEET if mapping.is_each_sheet else list(mapping.journal)
    tree: dict[str, Any] = {
        "headings": dict(mapping.headings),
        "constants": dict(mapping.constants),
        "cells": {name: str(cell) for name, cell in mapping.cells.items()},
        "derive": {} if mapping.derive is None else {"period": f"month of {mapping.derive}"},
        "dates": mapping.dates,
        "periods": mapping.periods,
        "numbers": mapping.numbers,
        "negative_text": [] if mapping.negative_text == PLAIN_MINUS else list(mapping.negative_text),
        "negative": None if mapping.negative == NEGATIVE[0] else mapping.negative,
        "sides": mapping.sides,
        "signed": mapping.signed,
        "journal": journal[0] if isinstance(journal, list) and len(journal) == 1 else journal,
        "skip": list(mapping.skip),
        "values": {name: dict(values) for name, values in mapping.values.items()},
        "unread": list(mapping.unread),
        "notes": list(mapping.notes),
        "encoding": mapping.encoding,
        "scale": mapping.scale if mapping.scale != 1 else None,
    }
    return {key: value for key, value in tree.items() if value}


def text_of_tree(tree: Mapping[str, Any]) -> str:
    """A TOML tree as text."""
    import tomli_w

    return tomli_w.dumps(tree)


def to_toml(mapping: SheetMapping) -> str:
    """The text of the mapping's file."""
    return text_of_tree(declared(mapping))


class MappingFolder:
    """The mappings of a user: `NAME.toml` in a folder, and beside them which of them a profile has used, as they were
    then (`used.json`: hashes by profile and name)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, name: str) -> Path:
        """The file of a mapping. Raises SetupError for what is no name of one."""
        if not NAME.fullmatch(name):
            raise SetupError("mapping-name", name=name)
        return self.folder / f"{name}.toml"

    def read(self, name: str) -> SheetMapping:
        """The mapping of that name. Raises SetupError when there is none or its file is no mapping."""
        path = self.path_of(name)
        try:
            text = read_plain_file(path, _MOST_BYTES).decode()
        except UnusableFile as error:
            raise unusable_file(path, _MOST_BYTES, error) from error
        except FileNotFoundError as error:
            known = ", ".join(self.names()) or "–"
            raise SetupError("no-mapping", name=name, folder=str(self.folder), known=known) from error
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError("mapping-syntax", file=str(path), detail=str(error)) from error
        return mapping_of(name, text, str(path))

    def names(self) -> list[str]:
        """The names of all mappings."""
        with suppress(OSError):
            return sorted(file.stem for file in self.folder.iterdir() if file.suffix == ".toml" and not file.is_dir())
        return []

    def all(self) -> list[SheetMapping]:
        """All mappings. Raises SetupError for one that is none: it may be the one for the workbook at hand."""
        return [self.read(name) for name in self.names()]

    def has_another(self, mapping: SheetMapping) -> bool:
        """True when there is a mapping of its name that says anything else, or a file that cannot be read. Raises
        SetupError for what is no name."""
        try:
            return read_plain_file(self.path_of(mapping.name), _MOST_BYTES) != to_toml(mapping).encode()
        except FileNotFoundError:
            return False
        except (OSError, UnusableFile):
            return True

    def keep(self, mapping: SheetMapping) -> SheetMapping:
        """Writes the mapping's file, whole or not at all; gives the mapping as it was written. Raises SetupError."""
        text = to_toml(mapping)
        self._write(self.path_of(mapping.name), text)
        return mapping_of(mapping.name, text, str(self.path_of(mapping.name)))

    def used_by(self, profile: str | None) -> Mapping[str, str]:
        """The mappings that the profile has used: the hash of each by its name."""
        used = self._used().get(profile or "", {})
        return used if isinstance(used, dict) else {}

    def note_use(self, profile: str | None, mapping: str, sha256: str) -> None:
        """From now on the profile has used the mapping as it is. Raises SetupError when that cannot be written."""
        used = self._used()
        used[profile or ""] = {**self.used_by(profile), mapping: sha256}
        self._write(self.folder / _USED, json.dumps(used, indent=1, sort_keys=True) + "\n")

    def _used(self) -> dict[str, Any]:
        with suppress(OSError, UnusableFile, ValueError):
            used = json.loads(read_plain_file(self.folder / _USED, _MOST_BYTES))
            return used if isinstance(used, dict) else {}
        return {}

    def _write(self, path: Path, text: str) -> None:
        draft: Path | None = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self.folder)
            draft = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as target:
                target.write(text)
            draft.replace(path)
        except OSError as error:
            if draft is not None:
                draft.unlink(missing_ok=True)
            raise SetupError("mapping-unwritten", file=str(path), detail=error.strerror or "?") from error


_USED = "used.json"
