"""The company's rules for lines; the complaints are in the words of the service."""

from collections.abc import Iterator
from typing import Any

from importer.sandbox.company_lists import (
    CLOSED,
    MANDATORY,
    OPTIONAL,
    PROHIBITED,
    SUSPENDED,
    Account,
    Company,
)
from importer.sandbox.dimensions import DIMENSIONS, Dimension
from importer.sandbox.failures import LineError
from importer.sandbox.switches import Switches

COLLATERAL = "Rejected due to errors in other lines"


def check_lines(lines: list[dict[str, Any]], company: Company, switches: Switches) -> list[LineError]:
    """What is wrong, line by line, several complaints a line; empty when the journal may be posted."""
    of_journal = list(_faults_of_journal(lines[0], company))
    faults = [of_journal + list(_faults_of_line(line, company, switches)) for line in lines]
    if not any(faults):
        return []
    return [
        LineError(line["line"], message)
        for line, messages in zip(lines, faults, strict=True)
        for message in messages or ([COLLATERAL] if switches.collateral_lines else [])
    ]


def _faults_of_journal(head: dict[str, Any], company: Company) -> Iterator[str]:
    """What the lines share is wrong on every line (P-06, J-18)."""
    if head["journalType"] not in company.journal_types:
        yield f"Unknown journal type {head['journalType']}"
    if head["currency"] not in company.currencies:
        yield f"Unknown currency code {head['currency']}"
    if not company.has_open(int(head["period"])):
        yield (f"Period {head['period']} is not open for posting ({company.first_period} to {company.last_period})")


def _faults_of_line(line: dict[str, Any], company: Company, switches: Switches) -> Iterator[str]:
    if not line["account"]:
        yield "Account record not found"
    elif (account := company.accounts.get(line["account"])) is None:
        yield f"Unknown account code {line['account']}"
    else:
        if account.status == SUSPENDED:
            yield f"Account {account.code} is suspended"
        if account.status == CLOSED:
            yield f"Account {account.code} is closed"
        yield from _faults_of_presence(line, account, switches)
        yield from _faults_against_journal_type(line, account, company)
    yield from _faults_of_codes(line, company)


def _faults_of_presence(line: dict[str, Any], account: Account, switches: Switches) -> Iterator[str]:
    """Dimensions that are missing though mandatory, or filled though prohibited (D-05)."""
    for dimension, rule in zip(DIMENSIONS, account.enter, strict=True):
        filled = bool(line.get(dimension.request, ""))
        if rule == MANDATORY and not filled:
            yield f"Analysis code for {_called(dimension)} must be entered for account {account.code}"
        if filled and (rule == PROHIBITED or (rule == OPTIONAL and switches.two_prohibits)):
            yield f"Analysis code for {_called(dimension)} is prohibited for account {account.code}"


def _called(dimension: Dimension) -> str:
    return f"{dimension.name} ({dimension.cat_id})"


def _faults_of_codes(line: dict[str, Any], company: Company) -> Iterator[str]:
    for dimension in DIMENSIONS:
        if not (code := line.get(dimension.request, "")):
            continue
        known = company.analysis_codes[dimension.cat_id].get(code)
        if known is None:
            yield f"Unknown analysis code {code} for {_called(dimension)}"
        elif known.prohibit_posting:
            yield f"Posting is prohibited with analysis code {code} of {_called(dimension)}"


def _faults_against_journal_type(line: dict[str, Any], account: Account, company: Company) -> Iterator[str]:
    """A type may demand what the account leaves open; in SunSystems the account's own word counts more."""
    for rule in company.journal_type_rules:
        applies = (
            line["journalType"] == rule.journal_type
            and line["transaction"] == rule.side
            and account.code.startswith(rule.account_prefixes)
            and account.enter[DIMENSIONS.index(rule.dimension)] == OPTIONAL
        )
        if applies and not line.get(rule.dimension.request, ""):
            yield rule.message
