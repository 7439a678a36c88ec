"""`importer reverse`: a workbook of mirror journals, to look at and run."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import at_company, of_company, settings_from
from importer.cli.language import words
from importer.cli.options import DAY, PERIOD, JournalNumbers
from importer.cli.output import refuse_existing, show, show_json, write_file
from importer.model.dates import Period

if TYPE_CHECKING:
    from importer.run.reversals import Mirrors


@click.command("reverse", help=words("help.reverse"), short_help=words("help.reverse-short"))
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=JournalNumbers())
@click.option("-o", "target", metavar="FILE", type=options.PATH, help=words("help.template-file"))
@click.option("--period", metavar="YYYY0MM", type=PERIOD, help=words("help.reverse-period"))
@click.option("--date", "day", metavar="YYYY-MM-DD", type=DAY, help=words("help.reverse-date"))
@click.option("--again", is_flag=True, help=words("help.reverse-again"))
@click.option("--force", is_flag=True, help=words("help.force"))
@of_company
def command(
    journals: tuple[range, ...],
    target: Path | None,
    period: Period | None,
    day: date | None,
    again: bool,
    force: bool,
    **flags: Any,
) -> int:
    """Reads the journals, writes the workbook, and says where it is. Raises SetupError when a journal cannot be
    mirrored or the file cannot be written, and what the reads raise when the service does not give the journals."""
    from importer.run.reversals import file_name, mirrors_of
    from importer.templates.forms import JOURNALS
    from importer.templates.template_workbook import workbook_of

    settings = settings_from(flags)
    if target is not None:
        refuse_existing(target, replaces=force)
    with at_company(settings, flags) as at:
        mirrors = mirrors_of(journals, at.session, at.settings, period, day, again=again)
        file = target or Path(file_name(mirrors.journals))
        content = workbook_of([JOURNALS], at.settings.language, {JOURNALS.name: mirrors.rows}, file=file.name)
        write_file(file, content, replaces=force)
        _tell(mirrors, file, as_json=flags["as_json"])
    return 0


def _tell(mirrors: "Mirrors", file: Path, *, as_json: bool) -> None:
    for number in mirrors.allocated:
        show(words("said.reverse-allocated", journal=number), is_bad=True)
    if as_json:
        show_json(
            {
                "file": str(file),
                "journals": [str(number) for number in mirrors.journals],
                "period": str(mirrors.period),
                "date": mirrors.day.isoformat(),
                "allocated": [str(number) for number in mirrors.allocated],
            }
        )
    else:
        facts = {"file": str(file), "period": str(mirrors.period), "date": mirrors.day.isoformat()}
        show(words("said.reversed", count=len(mirrors.journals), **facts))
