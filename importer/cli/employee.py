"""`importer employee activate`: makes an inactive employee of a payroll active; there is no way back (E-14)."""

from typing import TYPE_CHECKING, Any

import click

from importer.cli.context import at_company, of_company, settings_from
from importer.cli.language import current_language, words
from importer.cli.output import says_yes, show, show_json
from importer.errors import (
    AnswerUnclear,
    Declined,
    Effect,
    ExitCode,
    ImporterError,
    ServiceFailure,
)
from importer.translations import sentence_of

if TYPE_CHECKING:
    from importer.services.session import Session
    from importer.services.sunplusxtra.people import Employee


@click.group("employee", help=words("help.employee"), short_help=words("help.employee"))
def employee_command() -> None:
    """The group; its help is in the catalogues."""


@employee_command.command("activate", help=words("help.activate"), short_help=words("help.activate-short"))
@click.argument("employee", metavar="EMPLOYEE")
@click.option("--payroll", metavar="N", type=click.IntRange(0), required=True, help=words("help.payroll"))
@click.option("--yes", is_flag=True, help=words("help.yes-activate"))
@of_company
def activate(employee: str, payroll: int, yes: bool, **flags: Any) -> int:
    """Shows who it is, asks on a terminal, activates, and tells what is true then. Gives 1 when the service refuses, 4
    when nobody knows whether the employee is active. Raises Declined when the person says no."""
    from importer.cli.terminal import is_person_there
    from importer.services.sunplusxtra.people import get_employee

    settings = settings_from(flags)
    with at_company(settings, flags) as at:
        try:
            found = get_employee(at.session, payroll, employee)
        except ServiceFailure as failure:
            return _ended("refused", employee, payroll, None, failure, as_json=flags["as_json"])
        if found.is_active:
            return _ended("already-active", employee, payroll, found, None, as_json=flags["as_json"])
        if not yes and is_person_there():
            show(words("said.activate-whom", name=found.name, code=employee, company=at.company.name), is_bad=True)
            if not says_yes(words("ask.activate"), current_language()):
                raise Declined("not-activated")
        outcome, after, error = _activated(at.session, payroll, employee)
    return _ended(outcome, employee, payroll, after or found, error, as_json=flags["as_json"])


def _activated(session: "Session", payroll: int, code: str) -> "tuple[str, Employee | None, Exception | None]":
    """Activates, and reads the employee again where the answer does not say that it worked."""
    from importer.services.sunplusxtra.people import activate_employee, get_employee

    doubt: ImporterError = AnswerUnclear("activation-unproved")
    try:
        after = activate_employee(session, payroll, code)
        if after.is_active:
            return "activated", after, None
    except ImporterError as error:
        if error.effect is not Effect.UNKNOWN:
            if not isinstance(error, ServiceFailure):
                raise
            return "refused", None, error
        doubt = error
    try:
        after = get_employee(session, payroll, code)
    except ImporterError as error:
        return "unknown", None, error if doubt.key == "activation-unproved" else doubt
    if after.is_active is None:
        return "unknown", after, doubt
    if after.is_active:
        return "activated", after, None
    return ("refused" if isinstance(doubt, ServiceFailure) else "not-activated"), after, doubt


_EXIT_CODES = {
    "activated": ExitCode.FINE,
    "already-active": ExitCode.FINE,
    "refused": ExitCode.FAULTY,
    "not-activated": ExitCode.STOPPED,
    "unknown": ExitCode.UNKNOWN,
}


def _ended(
    outcome: str, code: str, payroll: int, employee: "Employee | None", error: Exception | None, *, as_json: bool
) -> int:
    reason = sentence_of(error, current_language()) if isinstance(error, ImporterError) else ""
    exit_code = _EXIT_CODES[outcome]
    if exit_code != ExitCode.FINE or not as_json:
        name = employee.name if employee else ""
        said = words(f"said.employee-{outcome}", name=name, code=code, payroll=payroll, reason=reason)
        show(said, is_bad=exit_code != ExitCode.FINE)
    if as_json:
        is_active = True if outcome in ("activated", "already-active") else employee and employee.is_active
        shown = {"payroll": payroll, "enrollment_code": code, "outcome": outcome.replace("-", "_")}
        show_json(shown | {"active": is_active, "message": reason or None})
    return exit_code
