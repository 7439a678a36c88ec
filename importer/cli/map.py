"""`importer map`: shows how a workbook with headings of its own would be understood, asks what is not certain, and
keeps the answers as a mapping."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import sandbox_settings, settings_from
from importer.cli.language import words
from importer.cli.map_questions import Unknown, ask_open, ask_required, ask_value, held_against_company, in_one_line
from importer.cli.output import says_yes, show_json, typed
from importer.errors import ImporterError
from importer.printable import as_path_argument
from importer.settings import Settings
from importer.settings_file import mappings_folder

if TYPE_CHECKING:
    from importer.read.mapping_draft import MappingDraft
    from importer.read.mappings import SheetMapping

_FORMATS = ("dates", "periods", "numbers", "negative", "sides", "signed", "scale", "encoding")
_SEVERAL = ("negative_text", "skip", "notes")
SCHEMA = "importer.map/1"
_MOST_CODES = 30


def _pair(text: str) -> tuple[str, str]:
    """`FIELD=TEXT`."""
    field, mark, source = text.partition("=")
    if not (mark and field.strip() and source.strip("= ")):
        raise ValueError(text)
    return field.strip(), source.strip()


_PAIR = options.ValueType("pair", _pair)


def _option(name: str, *names: str, **more: Any) -> Callable[[options.Command], options.Command]:
    return click.option(f"--{name}", *names, help=words(f"map-help.{name}"), **more)


@click.command("map", help=words("help.map"), short_help=words("help.map-short"))
@click.argument("file", metavar="FILE", type=options.PATH)
@_option("set", "sources", metavar="FIELD=HEADING", multiple=True, type=_PAIR)
@_option("value", "values", metavar="FIELD=TEXT=CODE", multiple=True, type=_PAIR)
@_option("dates", metavar="d/m/y")
@_option("periods", metavar='"mmmm y"')
@_option("numbers", metavar="1,234.56")
@_option("negative-text", "negative_text", metavar="(1.00)", multiple=True)
@_option("negative", metavar="other-side")
@_option("sides", metavar="D/C")
@_option("signed", metavar='"positive is debit"')
@_option("scale", metavar="1000", type=int)
@_option("journal", metavar="HEADING", multiple=True)
@_option("derive", metavar="period=transDateTime", type=_PAIR)
@_option("skip", metavar="LABEL", multiple=True)
@options.encoding
@_option("note", "notes", metavar="TEXT", multiple=True)
@_option("unread", metavar="HEADING", multiple=True)
@_option("sheet", metavar="NAME")
@_option("from", "base", metavar="NAME")
@_option("name", metavar="NAME")
@_option("force", is_flag=True)
@_option("accept", is_flag=True)
@click.option("--sandbox", "in_sandbox", is_flag=True, help=words("help.in-sandbox"))
@options.profile
@options.lang
@options.as_json
@options.debug
def command(file: Path, as_json: bool, in_sandbox: bool, **flags: Any) -> int:
    """Proposes, asks, keeps; gives the exit code."""
    settings = settings_from(flags)
    with sandbox_settings(settings, in_sandbox) as settings:
        return _Mapping(file, settings, flags, as_json=as_json).carry_out()


class _Mapping:
    def __init__(self, file: Path, settings: Settings, flags: dict[str, Any], *, as_json: bool) -> None:
        from importer.cli.terminal import is_person_there
        from importer.read.mappings import MappingFolder

        self._file = file
        self._settings = settings
        self._flags = flags
        self._as_json = as_json
        self._language = settings.language
        self._asks = is_person_there() and not (as_json or flags["accept"])
        self._name = flags["name"]
        self._nearest: str | None = None
        self._folder = MappingFolder(mappings_folder())

    def carry_out(self) -> int:
        found = self._draft()
        if isinstance(found, int):
            return found
        self._sheet, draft, self._others = found
        is_declared = any(
            self._flags[key]
            for key in ("sources", "values", "journal", "derive", "name", "base", "unread", *_FORMATS, *_SEVERAL)
        )
        known = []
        if self._flags["base"]:
            known = [self._folder.read(self._flags["base"])]
        elif not (is_declared or draft.is_as_it_stands):
            known = [one for one in self._folder.all() if draft.differences(one) == ([], [])]
        if len(known) == 1:
            draft.take_over(known[0])
        elif not (known or draft.is_as_it_stands):
            self._offer_nearest(draft)
        self._declare(draft)
        if (
            known
            and not is_declared
            and not (len(known) == 1 and held_against_company(self._file, known[0], self._settings)[0])
        ):
            return self._end(draft, "map-said.known", 0, name=", ".join(one.name for one in known))
        if not self._as_json:
            self._show(draft)
        if draft.is_as_it_stands and not is_declared:
            return self._end(draft, "map-said.as-it-stands", 0)
        if self._asks:
            ask_open(draft, self._language)
        if any(True for _ in draft.questions()):
            return self._end(draft, "map-said.uncertain", 1)
        mapping, unknown = self._compared(draft, draft.mapping(self._chosen_name(draft)))
        if not self._keeps(mapping, unknown):
            said = "map-said.uncertain" if unknown else "map-said.not-kept"
            return self._end(draft, said, 1 if unknown or self._asks else 0, unknown=unknown)
        kept = self._folder.keep(mapping)
        return self._end(draft, "map-said.kept", 0, kept=kept)

    def _offer_nearest(self, draft: "MappingDraft") -> None:
        """Says which mapping is nearest to a sheet of other headings, and what is other; a person may begin with it."""
        from importer.read.mapping_search import nearest_mappings

        found = nearest_mappings(draft.heading_texts, self._folder.all())
        if len(found) != 1 or self._flags["name"]:
            return
        nearest = found[0]
        self._nearest = nearest.name
        new, gone = draft.differences(nearest)
        facts = {"name": nearest.name, "new": in_one_line(", ".join(new)) or "–", "gone": ", ".join(gone) or "–"}
        if not self._as_json:
            how = "" if self._asks else f" {words('map-said.begin-with', name=nearest.name)}"
            self._say(words("map-said.nearest", **facts) + how, is_bad=True)
        if self._asks and says_yes(words("map-ask.nearest", name=nearest.name), self._language):
            draft.take_over(nearest)

    def _compared(self, draft: "MappingDraft", mapping: "SheetMapping") -> "tuple[SheetMapping, Sequence[Unknown]]":
        """The mapping with what a person says of the dimensions that the company requires and of the values that its
        lists do not know; and those of which nobody has said anything."""
        if self._asks and self._settings.is_connectable:
            self._say(words("map-said.comparing"), is_bad=True)
        unknown, required = held_against_company(self._file, mapping, self._settings)
        if not self._asks:
            return mapping, unknown
        for name in required:
            ask_required(draft, name, self._language)
        left = set[tuple[str, str]]()
        while required or any(one[:2] not in left for one in unknown):
            for name, text, suggestion in unknown:
                if (name, text) not in left:
                    self._say(self._about_value(name, text, suggestion), is_bad=True)
                    if not ask_value(draft, name, text):
                        left.add((name, text))
            mapping = draft.mapping(mapping.name)
            unknown, required = held_against_company(self._file, mapping, self._settings)[0], []
        return mapping, ()

    def _draft(self) -> "tuple[str, MappingDraft, list[tuple[str, MappingDraft]]] | int":
        """The sheet that is nearest to a journal, with what is proposed of it, and the others."""
        from importer.read.heading_meanings import propose
        from importer.read.mapping_draft import MappingDraft
        from importer.read.workbooks import rows_of_sheets
        from importer.report.sentences import message

        if self._file.is_dir():
            self._say(words("map-said.folder", file=str(self._file)), is_bad=True)
            return 3
        workbook, rows = rows_of_sheets(self._file, self._flags["encoding"] or "")
        if rows and self._flags["sheet"] not in (None, *rows):
            raise click.UsageError(words("map-said.no-sheet", sheet=self._flags["sheet"], sheets=", ".join(rows)))
        drafts = []
        for name, (of_sheet, merged) in rows.items():
            proposal = propose(of_sheet, merged=merged)
            if proposal is not None and self._codes.keys() & set(proposal.missing):
                proposal = propose(of_sheet, self._codes, merged)
            if proposal is not None and self._flags["sheet"] in (None, name):
                drafts.append((name, MappingDraft(of_sheet, proposal, merged)))
        if not drafts:
            blocking = next((one for one in workbook.problems if one.blocks and not rows), None)
            said = words("map-said.no-headings") if blocking is None else message(blocking, self._language)
            self._say(f"{self._file}: {said}", is_bad=True)
            return 3
        sheet, draft = min(drafts, key=lambda one: (len(one[1].missing()), -len(one[1].tree["headings"])))
        return sheet, draft, [one for one in drafts if one[0] != sheet]

    @cached_property
    def _codes(self) -> dict[str, Collection[str]]:
        """The company's codes by field, for columns without a telling heading; none without a connection."""
        from importer.run.company import service
        from importer.services.sunplusxtra.accounts import list_accounts
        from importer.services.sunplusxtra.company import list_journal_types

        with suppress(ImporterError):
            if self._settings.is_connectable:
                with service(self._settings) as session:
                    codes = {account.code for account in list_accounts(session)}
                    return {"account": codes, "journalType": list_journal_types(session).keys()}
        return {}

    def _declare(self, draft: "MappingDraft") -> None:
        """What the flags declare. Raises UsageError for what the sheet has not."""
        from importer.read.mappings import fold_value
        from importer.templates.forms import JOURNALS

        fields = {column.name: column.name for column in JOURNALS.every_column} | dict(JOURNALS.headings())
        for key in _FORMATS:
            if self._flags[key]:
                draft.tree[key] = self._flags[key]
        for key in _SEVERAL:
            if self._flags[key]:
                draft.tree[key] = list(self._flags[key])
        if self._flags["journal"]:
            journal = list(self._flags["journal"])
            draft.tree["headings"].pop("journal", None)
            draft.tree["journal"] = journal[0] if len(journal) == 1 else journal
            for heading in journal:
                draft.leave_out(heading)
        sources = list(self._flags["sources"])
        if self._flags["derive"]:
            name, source = self._flags["derive"]
            sources.append((name, f"month of {source.removeprefix('month of ')}"))
        for name, source in sources:
            try:
                draft.set_source(_field(name, fields), source)
            except KeyError as error:
                facts = {"heading": source, "headings": ", ".join(draft.heading_texts)}
                raise click.UsageError(words("map-said.no-heading", **facts)) from error
        for heading in self._flags["unread"]:
            draft.leave_out(draft.heading_named(heading) or heading)
        values = [(_field(name, fields), *pair.rpartition("=")[::2]) for name, pair in self._flags["values"]]
        for name, text, _ in values:  # what is said now replaces what a mapping says, whatever its case
            draft.tree["values"].setdefault(name, {}).pop(fold_value(text), None)
        for name, text, code in values:
            draft.tree["values"][name][text] = code

    def _show(self, draft: "MappingDraft") -> None:
        from rich.console import Console

        from importer.report.sentences import column_label
        from importer.report.tables import Table
        from importer.report.terminal import print_table

        numbers = "–".join(map(str, draft.proposal.heading_rows))
        self._say(words("map-said.sheet", file=str(self._file), sheet=self._sheet, rows=numbers))
        fields_of: dict[str, list[str]] = {}
        keys = draft.tree.get("journal", [])
        for name, heading in [
            *(("journal", heading) for heading in ([keys] if isinstance(keys, str) else keys)),
            *draft.tree["headings"].items(),
        ]:
            fields_of.setdefault(heading, []).append(name)
        rows = []
        for one in draft.proposal.headings:
            names = fields_of.get(one.heading) or ([one.field] if one.field is not None else [])
            labels = ", ".join(column_label(name, self._language) for name in names) or "–"
            certainty = "certain" if one.heading in fields_of else one.certainty.value
            certainty = words(f"map-said.{'likely' if one.heading in draft.asked else certainty}")
            rows.append((in_one_line(one.heading), "; ".join(one.samples), labels, certainty))
        headings = tuple(words(f"map-said.column-{key}") for key in ("heading", "samples", "field", "certainty"))
        print_table(Table(self._sheet, headings, tuple(rows)), Console(highlight=False))

    def _about_value(self, name: str, text: str, suggestion: str | None) -> str:
        from importer.report.sentences import column_label

        facts = {"field": column_label(name, self._language), "value": text, "suggestion": suggestion or ""}
        said = words("map-ask.value" if suggestion else "map-ask.value-alone", **facts)
        codes = self._codes.get(name, ())
        return (
            f"{said} {words('map-ask.codes', codes=', '.join(sorted(codes)))}"
            if 0 < len(codes) <= _MOST_CODES
            else said
        )

    def _chosen_name(self, draft: "MappingDraft") -> str:
        """The name that was given, or one by the file; a mapping that was taken over, or has the same headings, is
        replaced, others are not."""
        from importer.read.mapping_draft import name_from
        from importer.read.mappings import NAME

        if self._name is not None:
            return str(self._name)
        folder, wanted = self._folder, name_from(self._file.stem)
        if draft.base is not None and draft.base.heading_set == draft.mapping(wanted).heading_set:
            return draft.base.name
        if self._asks:
            question = words("map-ask.name", name=wanted)
            while True:
                answer = typed(question, wanted)
                if NAME.fullmatch(answer):
                    return answer
                self._say(words("error.mapping-name", name=answer))
        names, number, free = folder.names(), 2, wanted
        while free in names and folder.read(free).heading_set != draft.mapping(free).heading_set:
            free, number = f"{wanted[:36].rstrip('-')}-{number}", number + 1
        return free

    def _keeps(self, mapping: "SheetMapping", unknown: Sequence[object]) -> bool:
        """Whether the mapping is to be kept. Raises SetupError where it would replace another one unasked."""
        from importer.errors import SetupError

        replaces = not self._flags["force"] and self._folder.has_another(mapping)
        if self._asks:
            question = words("map-ask.replace", name=mapping.name) if replaces else words("map-ask.keep")
            return says_yes(question, self._language)
        is_kept = bool(self._flags["accept"]) and not unknown
        if is_kept and replaces:
            raise SetupError("mapping-exists", name=mapping.name)
        return is_kept

    def _end(
        self,
        draft: "MappingDraft",
        said: str,
        code: int,
        *,
        kept: "SheetMapping | None" = None,
        unknown: Sequence[Unknown] = (),
        name: str = "",
    ) -> int:
        """Prints how it ended: the text `said` of the catalogue with what is open, or all of it as JSON. `code`: the
        exit code; `kept`: the mapping that was written; `unknown`: field, value and nearest code of what the company's
        lists do not know; `name`: mappings that are there already."""
        from importer.read.mapping_draft import proposal_document
        from importer.report.sentences import column_label

        path = None if kept is None else str(self._folder.path_of(kept.name))
        if self._as_json:
            document: dict[str, object] = {
                "schema": SCHEMA,
                "file": str(self._file),
                "sheets": [proposal_document(title, one) for title, one in [(self._sheet, draft), *self._others]],
                "unknown_values": [
                    {"field": field, "value": text, "suggestion": suggestion} for field, text, suggestion in unknown
                ],
                "nearest": self._nearest,
                "kept": None if kept is None else {"name": kept.name, "sha256": kept.sha256, "path": path},
                "exit_code": code,
            }
            show_json(document)
            return code
        for question in draft.questions() if code else ():
            is_heading, options_shown = question.kind == "heading", list(question.options)
            if is_heading:
                options_shown = [column_label(one, self._language) for one in options_shown]
            is_field = question.kind in ("field", "gone")
            about = column_label(question.subject, self._language) if is_field else question.subject
            facts = {
                "about": in_one_line(about),
                "options": ", ".join(options_shown) or "–",
                "first": options_shown[0] if is_heading and options_shown else words("map-ask.a-field"),
                "samples": ", ".join(question.samples),
            }
            self._say(words(f"map-said.open-{question.kind}", **facts), is_bad=True)
        for field, text, suggestion in unknown:
            how = words("map-said.open-value", field=column_label(field, self._language), value=text)
            self._say(f"{self._about_value(field, text, suggestion)} {how}", is_bad=True)
        facts = {
            "file": as_path_argument(str(self._file)),
            "name": kept.name if kept is not None else name,
            "path": path or "",
        }
        self._say(words(said, **facts), is_bad=code != 0)
        return code

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        from rich.console import Console

        from importer.report.terminal import print_sentence

        print_sentence(Console(stderr=is_bad or self._as_json, highlight=False), text)


def _field(text: str, fields: dict[str, str]) -> str:
    """The field that a person calls so, by its wire name or by a heading of the form."""
    from importer.templates.forms import fold_heading

    name = fields.get(text) or fields.get(fold_heading(text))
    if name is None:
        raise click.UsageError(words("map-said.no-field", name=text))
    return name
