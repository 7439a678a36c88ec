"""The doubtful readings of the contract, each behind a switch that is off by default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """What the sandbox does otherwise than the contract's examples show.

    Switches of one running sandbox may be changed between two requests: see `Sandbox.switch`.
    """

    numeric_codes: bool = False
    """A-06: `code` of a failure is a number instead of a text."""

    code_outside_the_table: bool = False
    """A-07: every failure under 201 carries the code 299."""

    any_case_scheme: bool = False
    """A-12: `Bearer` and `BEARER` are taken for `bearer`."""

    token_requests: int | None = None
    """A-15: so many requests a token is good for; afterwards 220. None: any number."""

    token_seconds: float | None = None
    """A-15: so many seconds a token lives; afterwards 220. None: for ever."""

    deactivate_user_after: int | None = None
    """A-18: after so many admitted requests the user is gone: 221 on every call, login included."""

    full_width: bool = False
    """W-02: currencies, journal types, source and cleardown filled up to 5, codes and lookups to 15."""

    schema_names: bool = False
    """N-09: `lineas`, and `journalDetalle` from the second line on, as the document's schema calls them."""

    mixed_voucher_names: bool = False
    """N-03: the first line of a journal says `vouchrNum`, the others `vchrNum`."""

    exact_account_search: bool = False
    """B-03: a search by code finds that one account instead of all that begin with it."""

    two_prohibits: bool = False
    """D-05: `enterA` 2 means prohibited instead of optional."""

    collateral_lines: bool = False
    """J-10: the clean lines of a refused journal come back in `linesError` too, as SunSystems reports
    them."""

    cut_reference: bool = False
    """J-22: `treference` is cut at 15 characters."""

    period_13: bool = False
    """P-02: the adjustment period 013 of each year is listed and accepted."""

    repeated_movements: bool = False
    """B-07: each row of a cash count comes twice."""

    open_ended_cash_count: bool = False
    """B-08: `endDate` of a cash count may be left out."""

    unreachable_before_posting: bool = False
    """J-13: code 202, and nothing is posted."""

    unreachable_after_posting: bool = False
    """J-13: code 202, and the journal is posted."""

    bad_response_before_posting: bool = False
    """J-14: code 203, and nothing is posted."""

    bad_response_after_posting: bool = False
    """J-14: code 203, and the journal is posted."""
