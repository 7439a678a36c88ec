"""`importer template`: writes a form's Excel template, with the company's lists when asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import sandbox_settings, settings_from
from importer.cli.language import words
from importer.cli.output import refuse_existing, write_file
from importer.settings import Settings
from importer.templates.forms import FORMS, JOURNALS, Form, form_named

if TYPE_CHECKING:
    from importer.templates.lists import Lists

ALL = "all"
LAYOUTS = ("transaction-amount", "debit-credit")
MOST_ROWS = 200_000


@click.command("template", help=words("help.template"), short_help=words("help.template-short"))
@click.argument("kind", type=click.Choice(["journals", "dimensions", "addresses", ALL]))
@click.option("-o", "target", metavar="FILE", type=options.PATH, help=words("help.template-file"))
@click.option("--force", is_flag=True, help=words("help.force"))
@click.option("--live", is_flag=True, help=words("template-help.live"))
@click.option("--sandbox", "in_sandbox", is_flag=True, help=words("template-help.in-sandbox"))
@click.option("--rows", metavar="N", type=click.IntRange(1, MOST_ROWS), help=words("template-help.rows"))
@click.option("--columns", "layout", type=click.Choice(LAYOUTS), help=words("template-help.columns"))
@options.of_settings
def template_command(
    kind: str,
    target: Path | None,
    force: bool,
    live: bool,
    in_sandbox: bool,
    rows: int | None,
    layout: str | None,
    **flags: Any,
) -> int:
    """Writes the template and says where it is. Raises SetupError when the file is there already or cannot be
    written, or when the company's lists are wanted and there is no way to the service."""
    forms = _forms(kind, layout)
    if rows is not None and not (live or in_sandbox):
        raise click.UsageError(words("template-said.no-live"))
    settings = settings_from(flags)
    file = target or Path(f"{kind}.xlsx")
    refuse_existing(file, replaces=force)
    from importer.templates.template_workbook import PREPARED_ROWS, workbook_of

    lists = _lists(settings, in_sandbox) if live or in_sandbox else None
    content = workbook_of(forms, settings.language, None, lists, rows or PREPARED_ROWS, file.name)
    write_file(file, content, replaces=force)
    click.echo(words("said.template", file=str(file)))
    return 0


def _forms(kind: str, layout: str | None) -> list[Form]:
    """The forms in the order of their sheets: journals, which are filled in most, come first."""
    chosen = [JOURNALS, *(form for form in FORMS if form is not JOURNALS)] if kind == ALL else [form_named(kind)]
    if layout is not None and JOURNALS not in chosen:
        raise click.UsageError(words("template-said.no-journals", option="--columns", kind=kind))
    if layout != LAYOUTS[1]:
        return chosen
    return [form.in_alternative_layout() if form is JOURNALS else form for form in chosen]


def _lists(settings: Settings, in_sandbox: bool) -> "Lists":
    """The lists of the company behind the credentials; what could not be had is said on standard error."""
    from importer.reference.lists import template_lists
    from importer.run.company import company_of, service, unavailable_list

    with sandbox_settings(settings, in_sandbox) as settings, service(settings) as session:
        company = company_of(session, settings, any_company=False)
        currencies = settings.currencies or tuple(filter(None, [settings.currency]))
        lists, unavailable = template_lists(session, company, settings.concurrency, currencies)
    for one in unavailable:
        click.echo(words("template-said.no-list", **unavailable_list(one, settings.language).facts), err=True)
    return lists
