"""Workbooks become drafts: what each sheet wants to have posted or changed, and what is wrong with it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from importer.model.problems import Place, Problem
from importer.model.results import Company
from importer.model.workbook import FormSheet, MappingUse, Workbook
from importer.read.folders import find_workbooks
from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import MappingFolder
from importer.read.workbooks import read_workbook
from importer.run.results import blocked
from importer.settings import Settings
from importer.templates.forms import FORMS, JOURNALS
from importer.validate import records
from importer.validate.attachments import names_in
from importer.validate.duplicates import with_copied_sheets_held, with_duplicates_marked
from importer.validate.journals import Draft, drafts_of, unusable
from importer.validate.records import RecordDraft, unusable_records, with_repeated_keys_marked

_RECORDS: Mapping[str, tuple[str, Callable[..., list[RecordDraft]]]] = {
    "dimensions": (records.KIND, records.dimension_drafts_of),
    "addresses": (records.ADDRESS_KIND, records.address_drafts_of),
}
"""By the name of the form."""


def workbooks_at(
    paths: Sequence[Path], meanwhile: Callable[[], None], mappings: MappingsAtHand, *, skip_hidden: bool
) -> list[Workbook]:
    """Every workbook that the paths name, read, with `skip_hidden` without hidden rows; `meanwhile` is what later steps
    need and may be done before. A file of a folder that is no form and that a row names as its attachment is none."""
    read = [
        read_workbook(path, FORMS, meanwhile, skip_hidden=skip_hidden, mappings=mappings)
        for path in find_workbooks(paths, FORMS)
    ]
    if all(workbook.sheets for workbook in read):
        return read
    named = {str(path) for path in paths}
    attached = {
        (Path(sheet.file).parent / name.replace("\\", "/")).resolve()
        for workbook in read
        for sheet in workbook.sheets
        for text in set(sheet.columns.get("attachment", ()))
        for name in names_in(text)
    }
    return [one for one in read if one.sheets or one.path in named or Path(one.path).resolve() not in attached]


def mappings_at_hand(
    folder: MappingFolder, settings: Settings, named: str | None, encoding: str = ""
) -> MappingsAtHand:
    """The mappings of a folder, and the one and the encoding that were named on the command line. Raises SetupError for
    a file that is no mapping, and for a name that there is not."""
    chosen = folder.read(named) if named is not None else None
    used = folder.used_by(settings.profile)
    found = [chosen] if chosen is not None else folder.all()
    return MappingsAtHand(found, chosen, used, settings.last_period, settings.first_month, encoding)


def with_mappings_chosen(
    workbooks: Sequence[Workbook],
    mappings: MappingsAtHand,
    chooses: Callable[[str, Sequence[str]], str | None],
    *,
    skip_hidden: bool,
) -> list[Workbook]:
    """The workbooks; of those in which several mappings fit a sheet a person is asked which (`chooses`: the sheet, the
    names), and they are read again by that one."""
    chosen = []
    for workbook in workbooks:
        left_out: set[str] = set()
        for problem in workbook.problems:
            names = [] if problem.wording != "uncertain-mapping.choice" else problem.facts["mappings"].split(", ")
            open_names = [name for name in names if name not in left_out]
            if open_names[1:] and (name := chooses(problem.place.sheet or "", open_names)) is not None:
                left_out.update(set(names) - {name})
        left = replace(mappings, all=[one for one in mappings.all if one.name not in left_out])
        again = (
            read_workbook(Path(workbook.path), FORMS, skip_hidden=skip_hidden, mappings=left) if left_out else workbook
        )
        chosen.append(again)
    return chosen


def with_mappings_accepted(
    workbooks: Sequence[Workbook],
    mappings: MappingsAtHand,
    folder: MappingFolder,
    profile: str | None,
    accepts: Callable[[MappingUse, str, bool], bool | None],
) -> list[Workbook]:
    """The workbooks; of those that were read by a mapping which the profile has not used as it is now a person is asked
    (`accepts`: the mapping, the sheet, whether it was used before it was edited). Who names a new one has said yes; one
    that was edited is asked about all the same, for a script names it month by month. What nobody says yes to has a
    problem."""
    accepted = dict(mappings.used)
    checked = []
    for workbook in workbooks:
        found = []
        for sheet in workbook.sheets:
            use = sheet.mapping
            if use is None or accepted.get(use.name) == use.sha256:
                continue
            is_edited = use.name in mappings.used
            is_named = mappings.named is not None and not is_edited
            if is_named or accepts(use, sheet.sheet, is_edited):
                accepted[use.name] = use.sha256
                folder.note_use(profile, use.name, use.sha256)
            else:
                wording = "uncertain-mapping.edited" if is_edited else "uncertain-mapping.unused"
                facts = {"mapping": use.name, "sheet": sheet.sheet}
                found.append(Problem("uncertain-mapping", sheet.place(), wording=wording, facts=facts))
        checked.append(replace(workbook, problems=(*workbook.problems, *found)) if found else workbook)
    return checked


def with_origin_checked(workbooks: Sequence[Workbook], company: Company | None, *, any_company: bool) -> list[Workbook]:
    """The workbooks with what is wrong with the lists in them: another company's, or old."""
    now = datetime.now(UTC)
    checked = []
    for workbook in workbooks:
        found = tuple(origin_problems(workbook, company, now, any_company=any_company))
        checked.append(replace(workbook, problems=(*workbook.problems, *found)) if found else workbook)
    return checked


OLDEST = timedelta(days=31)
"""Lists that are older have missed a month's closing (`stale-lists`)."""


def origin_problems(
    workbook: Workbook, company: Company | None, now: datetime, *, any_company: bool = False
) -> Iterator[Problem]:
    """What the workbook's lists have against a run: they are another company's (`wrong-company`, an error that keeps
    the whole workbook from being posted, unless `any_company`), or older than a month (`stale-lists`, a warning).

    `company` None: nobody was asked, and only the age counts. `now` has a time zone. A workbook without lists has
    nothing to say.
    """
    origin, place = workbook.origin, Place(workbook.path)
    if origin is None:
        return
    is_other = company is not None and origin.company_id is not None and origin.company_id != company.id
    if company is not None and is_other and not any_company:
        facts = {
            "expected": str(origin.company_id),
            "expected_name": origin.company_name,
            "actual": str(company.id),
            "name": company.name,
        }
        yield Problem("wrong-company", place, wording="wrong-company.lists", facts=facts)
    if origin.taken_at is not None and now - origin.taken_at > OLDEST:
        yield Problem("stale-lists", place, wording="stale-lists")


def drafts_in(workbooks: Sequence[Workbook], settings: Settings, released: Collection[str] = ()) -> list[Draft]:
    """The journals of all workbooks, valid or not, in the order of the files and rows; those of a workbook
    that cannot be used as it stands are held back, and so are those of copied sheets but the `released` ones."""
    drafts: list[Draft] = []
    for workbook in workbooks:
        for sheet in workbook.sheets:
            if sheet.form == JOURNALS.name:
                found = _drafts_of_sheet(sheet, workbook, settings)
                drafts += found if workbook.is_usable else blocked(found)
    corrects = {workbook.path: workbook.corrects for workbook in workbooks if workbook.corrects is not None}
    return with_duplicates_marked(with_copied_sheets_held(drafts, released, corrects))


def _drafts_of_sheet(sheet: FormSheet, workbook: Workbook, settings: Settings) -> list[Draft]:
    of_sheet = [one for one in workbook.problems if one.place.sheet == sheet.sheet]
    if any(one.blocks and one.place.row is None for one in of_sheet):
        return unusable(sheet)
    rows = set(sheet.rows)
    of_cells = [one for one in of_sheet if one.place.row in rows]
    return drafts_of(sheet, JOURNALS, settings.last_period, of_cells, settings.balance_by, settings.attachments)


def records_in(workbooks: Iterable[Workbook], *, allow_delete: bool) -> list[RecordDraft]:
    """The dimension and address rows of all workbooks, valid or not, in the order of files, sheets and rows; those of a
    workbook that cannot be used as it stands are held back."""
    drafts: list[RecordDraft] = []
    for workbook in workbooks:
        for sheet in workbook.sheets:
            if sheet.form in _RECORDS:
                found = _records_of_sheet(sheet, workbook, allow_delete=allow_delete)
                drafts += found if workbook.is_usable else [draft.blocked() for draft in found]
    return with_repeated_keys_marked(drafts)


def _records_of_sheet(sheet: FormSheet, workbook: Workbook, *, allow_delete: bool) -> list[RecordDraft]:
    kind, drafts_of_rows = _RECORDS[sheet.form]
    of_sheet = [one for one in workbook.problems if one.place.sheet == sheet.sheet]
    if any(one.blocks and one.place.row is None for one in of_sheet):
        return unusable_records(sheet, kind)
    rows = set(sheet.rows)
    return drafts_of_rows(sheet, [one for one in of_sheet if one.place.row in rows], allow_delete=allow_delete)
