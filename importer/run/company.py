"""The company behind the credentials, and what its own lists say against the drafts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from importer.errors import AnswerUnclear, NotSent, ServiceFailure, SetupError, TryAgain, WrongCompany
from importer.model.problems import Place, Problem
from importer.model.results import Company
from importer.model.secrets import OF_THIS_PROCESS
from importer.post.context import LISTS_TO_A_JOURNAL, Clock
from importer.reference.lists import NOTHING, ListsOfAll, Unavailable, company_lists
from importer.services.http import HttpClient
from importer.services.operations import DIALECTS
from importer.services.session import Credentials, RequestLog, Session
from importer.services.sunplusxtra.company import get_company
from importer.services.sunplusxtra.records import AnalysisCode
from importer.settings import Settings
from importer.translations import Language, say, sentence_of
from importer.validate.journal_references import NO_CODES, WorkbookCodes, codes_used, company_problems
from importer.validate.journals import Draft


@contextmanager
def service(settings: Settings, requests: RequestLog | None = None) -> Iterator[Session]:
    """A session that is logged in; `requests` gets what it asks. Raises SetupError, CredentialsRefused or TryAgain."""
    session, exchange = _session_of(settings, requests)
    try:
        session.log_in()
        yield session
    finally:
        exchange.close()


Connection = Callable[[], tuple[Session, Company, ListsOfAll]]
"""Waits for a session that is logged in, its company, and lists that are asked for. Raises what `service` and
`company_of` raise."""


@contextmanager
def connecting(settings: Settings, requests: RequestLog, *, any_company: bool) -> Iterator[Connection]:
    """Logs in and asks for the company and its lists while the caller does something else; the session ends with the
    block. Nothing is raised before the connection is called."""
    try:
        session, exchange = _session_of(settings, requests)
    except SetupError as error:
        failure = error

        def fail() -> tuple[Session, Company, ListsOfAll]:
            raise failure

        yield fail
        return

    def connect() -> tuple[Session, Company, ListsOfAll]:
        session.log_in()
        lists = ListsOfAll(session, pool)  # meanwhile: whose they are is known before they are used
        return session, company_of(session, settings, any_company=any_company), lists

    pool = ThreadPoolExecutor(settings.concurrency)
    try:
        yield pool.submit(connect).result
    finally:
        exchange.close()
        pool.shutdown(wait=False, cancel_futures=True)  # a run may end before it comes to the lists


def _session_of(settings: Settings, requests: RequestLog | None) -> tuple[Session, HttpClient]:
    """A session before its login, and what is to be closed after it. Raises SetupError."""
    address = settings.login_address()
    if not (settings.userid and settings.password and settings.email):
        raise AssertionError("what a login needs was there")
    proxy = settings.proxy.reveal() if settings.proxy else None
    ahead = LISTS_TO_A_JOURNAL * settings.concurrency
    exchange = HttpClient(address, settings.timeout, proxy=proxy, ca_file=settings.ca_file, ahead=ahead)
    clock = Clock()
    credentials = Credentials(settings.userid, settings.password, settings.email, settings.api_key)
    dialect = DIALECTS[settings.dialect]
    return Session(exchange, credentials, clock.pause, dialect, clock.steady, OF_THIS_PROCESS, requests), exchange


def company_of(session: Session, settings: Settings, *, any_company: bool) -> Company:
    """The company of the credentials. Raises WrongCompany when the settings expect another one, TryAgain when the
    service does not tell."""
    try:
        company = get_company(session)
    except (AnswerUnclear, NotSent, ServiceFailure) as error:
        raise TryAgain("no-company", reason=sentence_of(error, settings.language)) from error
    expected = settings.company_id
    if expected is not None and company.id != expected and not any_company:
        raise WrongCompany("wrong-company", actual=str(company.id), name=company.name, expected=str(expected))
    return company


def check_against_company(
    drafts: Sequence[Draft],
    session: Session,
    settings: Settings,
    made: WorkbookCodes = NO_CODES,
    known: Mapping[int, Mapping[str, AnalysisCode]] = NOTHING,
    begun: ListsOfAll | None = None,
) -> tuple[list[Draft], list[Problem]]:
    """Every draft with what the company's lists say against it, and the warnings about lists that could not be had.
    `made` are the analysis codes that the workbooks themselves make or remove, `known` the dimensions that were read
    already, `begun` the lists that were asked for already (None: none)."""
    lists = company_lists(session, codes_used(drafts), settings.concurrency, known, settings.currencies, begun)
    checked = [draft.with_problems(company_problems(draft, lists, made)) for draft in drafts]
    return checked, [unavailable_list(one, settings.language) for one in lists.unavailable]


def unavailable_list(one: Unavailable, language: Language) -> Problem:
    """The warning that a list could not be had, so that nothing was checked against it."""
    facts = dict(one.facts)
    if "dimension" in facts:
        facts["dimension"] = say(language, f"form.journals.{facts['dimension']}.label")
    reason = say(language, "reason.empty") if one.reason is None else sentence_of(one.reason, language)
    named = {"list": say(language, f"list.{one.wording}", **facts), "reason": reason}
    return Problem("reference-unavailable", Place(""), wording="reference-unavailable", facts=named)
