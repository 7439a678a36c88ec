"""The dialects of the service, and the doubtful readings of the contract, each behind a switch that is off by
default."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """The differences of `LIVE` are those that the client `spx-connect` shows; everything else is the document's."""

    DOCUMENT = "document"
    LIVE = "live"

    @property
    def base_path(self) -> str:
        """What stands before every path of SunPlusXtra; Sovos keeps its own paths."""
        return "/api/spxtra" if self is Dialect.LIVE else ""

    @property
    def token_scheme(self) -> str:
        """What stands before the token, in this case of letters: the document has `bearer`; the framework of the live
        service took `Bearer` alone for years."""
        return "Bearer" if self is Dialect.LIVE else "bearer"


def _off(about: str) -> bool:
    switch: bool = field(default=False, metadata={"about": about})
    return switch


def _without_limit(about: str) -> Any:
    return field(default=None, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Switches:
    """What the sandbox does otherwise than the contract's examples show; `ABOUT` tells of each, source first.

    Switches of one running sandbox may be changed between two requests: see `Sandbox.switch`.
    """

    numeric_codes: bool = _off("A-06: `code` of a failure is a number instead of a text.")
    code_outside_the_table: bool = _off("A-07: every failure under 201 carries the code 299.")
    error_under_200: bool = _off("A-08: failures with a code come under HTTP 200.")
    crash: bool = _off("A-10: every call of SunPlusXtra is HTTP 500, and nothing is done.")
    bad_gateway: bool = _off("A-10: every call of SunPlusXtra is HTTP 502 with a page of HTML, and nothing is done.")
    any_case_scheme: bool = _off("A-12: the scheme before the token is taken in capitals and in small letters.")
    token_requests: int | None = _without_limit("A-15: so many requests a token is good for; afterwards 220.")
    token_seconds: float | None = _without_limit("A-15: so many seconds a token lives; afterwards 220.")
    login_failure_220: bool = _off("A-16: a failed login is 220 instead of 221.")
    login_failure_201: bool = _off("A-16: a failed login is 201 with code 203 instead of 221.")
    deactivate_user_after: int | None = _without_limit(
        "A-18: after so many admitted requests the user is gone: 221 on every call, login included."
    )
    asterisk_means_all: bool = _off("A-30: `*` as a filter of budgets means all codes instead of the code `*`.")
    full_width: bool = _off(
        "W-02: currencies, journal types, source and cleardown filled up to 5, codes and lookups to 15."
    )
    schema_names: bool = _off(
        "N-09: `lineas`, and `journalDetalle` from the second line on, as the document's schema calls them."
    )
    mixed_voucher_names: bool = _off("N-03: the first line of a journal says `vouchrNum`, the others `vchrNum`.")
    exact_account_search: bool = _off(
        "B-03: a search by code finds that one account instead of all that begin with it."
    )
    two_prohibits: bool = _off("D-05: `enterA` 2 means prohibited instead of optional.")
    collateral_lines: bool = _off(
        "J-10: the clean lines of a refused journal come back in `linesError` too, as SunSystems reports them."
    )
    cut_reference: bool = _off("J-22: `treference` is cut at 15 characters.")
    period_13: bool = _off("P-02: the adjustment period 013 of each year is listed and accepted.")
    repeated_movements: bool = _off("B-07: each row of a cash count comes twice.")
    open_ended_cash_count: bool = _off("B-08: `endDate` of a cash count may be left out.")
    no_ledger: bool = _off("B-10: there is no ledger definition: code 206.")
    joined_address_codes: bool = _off(
        "R-04: the analysis codes of an address must be those required, id and entryNum under the same key."
    )
    copied_employee_groups: bool = _off("E-10: employee groups are the document's literal rows, notifications.")
    unreachable_before_posting: bool = _off("J-13: code 202, and nothing is posted.")
    unreachable_after_posting: bool = _off("J-13: code 202, and the journal is posted.")
    bad_response_before_posting: bool = _off("J-14: code 203, and nothing is posted.")
    bad_response_after_posting: bool = _off("J-14: code 203, and the journal is posted.")
    larger_documents: bool = _off("F-03: files up to 41,943,040 bytes instead of 40,000,000.")
    storage_off: bool = _off("F-12: there is no place for files: code 205.")
    printing_off: bool = _off("I-07: printing is not available: code 204.")
    sunplus_unreachable: bool = _off("Section 14: SunPlus cannot be reached: the code of each operation's own table.")
    unauthenticated_404: bool = _off("Live dialect: lost authentication is 404 `Unauthenticated.` instead of 401.")
    report_octet_stream: bool = _off("S-12: reports come as application/octet-stream.")
    report_bom: bool = _off("S-12: the CSV report begins with a byte order mark.")
    report_crlf: bool = _off("S-12: the lines of the CSV report end in CRLF.")
    report_windows_1252: bool = _off("S-12: the CSV report is in Windows-1252.")
    sample_counters: bool = _off("S-18: the counters of the samples, which do not add up.")
    platform_failure: bool = _off("S-11: every call of Sovos is HTTP 500 without a body.")


ABOUT: dict[str, str] = {switch.name: switch.metadata["about"] for switch in fields(Switches)}
"""What each switch does, by name; begins with the note it comes from."""


def read_switches(texts: Iterable[str]) -> Switches:
    """Switches from texts such as `numeric_codes` and `token_requests=3`; ValueError names the text that is none."""
    changes: dict[str, Any] = {}
    for text in texts:
        name, has_value, value = text.partition("=")
        is_count = getattr(Switches(), name, False) is None
        if name not in ABOUT or is_count != bool(has_value):
            raise ValueError(text)
        if is_count and not re.fullmatch("[0-9]{1,9}", value):
            raise ValueError(text)
        changes[name] = int(value) if is_count else True
    return Switches(**changes)
