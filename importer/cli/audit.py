"""`importer audit`: the store against the ledger."""

from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.cli.options import PERIOD
from importer.errors import ExitCode
from importer.model.dates import Period

if TYPE_CHECKING:
    from importer.report.tables import FindingFacts
    from importer.run.history import Audit


@click.command("audit", help=words("help.audit"), short_help=words("help.audit-short"))
@click.option("--period", metavar="P", type=PERIOD, help=words("help.audit-period"))
@click.option("--any-company", is_flag=True, help=words("help.any-company-too"))
@options.as_json
@options.of_settings
def command(period: Period | None, any_company: bool, as_json: bool, **flags: Any) -> int:
    """Prints what is wrong; gives the exit code, 4 when something is. Raises SetupError, TryAgain."""
    from importer.cli.context import person_of_command
    from importer.cli.output import send_bytes, show_table, target_of
    from importer.report import tables
    from importer.run.history import audit

    settings = settings_from(flags)
    with person_of_command(settings) as person:
        audited = audit(settings, period, person, any_company=any_company)
    facts = _facts(audited)
    if as_json:
        table = tables.table_of_findings(facts, settings.language)
        send_bytes(tables.to_json(table).encode(), target_of("json", None, replaces=False))
    elif facts:
        show_table(tables.findings_on_a_terminal(facts, settings.language))
    click.echo(_sentence(audited), err=True)
    return ExitCode.UNKNOWN if audited.wrong else ExitCode.FINE


def _facts(audited: "Audit") -> "list[FindingFacts]":
    from importer.report.tables import FindingFacts

    return [
        FindingFacts(
            *(one.fault.value, one.posted.journal_number, one.posted.run, one.posted.key, one.posted.file),
            *(one.shown.period, one.numbers, one.reverse),
            changes=[(each.line, each.field, each.sent, each.found) for each in one.differences],
        )
        for one in audited.findings
    ]


def _sentence(audited: "Audit") -> str:
    if not audited.compared:
        return words("said.audit-nothing")
    if audited.wrong:
        return words("said.audit-wrong", count=audited.wrong, total=audited.compared)
    return words("said.audit-fine", count=audited.compared)
