"""Did you mean: suggestions from a real sandbox's lists."""

from collections.abc import Mapping

import pytest

from importer.model.secrets import Secret
from importer.model.workbook import CellText
from importer.reference.lists import company_lists
from importer.sandbox import Sandbox
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from importer.templates.forms import JOURNALS
from importer.validate.journal_references import codes_used, company_problems
from importer.validate.journals import drafts_of
from tests.validate.sheets import good, sheet_of


def suggested(sandbox: Sandbox, **changes: CellText) -> tuple[str, str, str | None]:
    """The code, wording and suggestion of the one problem of a line with these cells."""
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    session = Session(HttpClient(at.spx_url, 60), who, lambda _: None)
    (draft,) = drafts_of(sheet_of([good(**changes), good(transaction="C")]), JOURNALS, 12)
    (problem,) = company_problems(draft, company_lists(session, codes_used([draft]), 4))
    return problem.code, problem.wording, problem.suggestion


@pytest.mark.parametrize(
    ("changes", "code", "meant"),
    [
        ({"account": "641101", "tfww": None, "function": "ADMIN01"}, "unknown-account", "641110"),
        ({"account": "461110", "tfww": None, "function": "ADMIN01"}, "unknown-account", "641110"),
        ({"account": "Petty Cash"}, "unknown-account", "101120"),
        ({"account": "101110nf"}, "unknown-account", "101110 NF"),
        ({"sdaOrganization": "c101"}, "unknown-dimension", "C0101"),
        ({"sdaOrganization": "Central Church"}, "unknown-dimension", "C0101"),
    ],
)
def test_an_unknown_code_comes_with_the_one_that_was_meant(
    changes: Mapping[str, CellText], code: str, meant: str, sandbox: Sandbox
) -> None:
    assert suggested(sandbox, **changes) == (code, f"{code}.close", meant)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account": "999999"}, "unknown-account"),
        ({"account": "111161"}, "unknown-account"),  # 111160 is closed, and nothing else is as near
        ({"fund": "99"}, "unknown-dimension"),
    ],
)
def test_nothing_is_suggested_where_nothing_open_is_close(
    changes: Mapping[str, CellText], code: str, sandbox: Sandbox
) -> None:
    assert suggested(sandbox, **changes) == (code, f"{code}.plain", None)


def test_a_journal_type_in_small_letters_is_known_again(sandbox: Sandbox) -> None:
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    session = Session(HttpClient(at.spx_url, 60), who, lambda _: None)
    (draft,) = drafts_of(sheet_of([good(journalType="jv"), good(transaction="C", journalType="jv")]), JOURNALS, 12)
    (problem,) = company_problems(draft, company_lists(session, codes_used([draft]), 4))
    assert (problem.code, problem.suggestion) == ("unknown-journal-type", "JV")


def test_the_whole_chart_is_asked_for_once_and_only_when_an_account_is_unknown(sandbox: Sandbox) -> None:
    sandbox.calls.clear()
    suggested(sandbox, account="999998")
    # By the beginning of both accounts, the unknown one alone, and the chart.
    assert sandbox.calls["list_accounts"] == 4
