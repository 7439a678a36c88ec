"""The store against the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from importer.errors import TryAgain
from importer.model.identity import shown_content
from importer.model.postings import State
from importer.model.results import Company
from importer.post.audit import Fault, Finding, audited
from importer.post.ledger_search import READ_FAILURES
from importer.post.plan import company_key
from importer.run.company import company_of, service
from importer.run.installations import LedgerConfirmation, installation_of, take_over_older
from importer.settings import Settings
from importer.store.database import Database
from importer.store.postings import JournalStore
from importer.translations import sentence_of


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit shows: how many journals were compared or are in doubt, and what is wrong."""

    company: Company
    compared: int
    findings: Sequence[Finding]

    @property
    def wrong(self) -> int:
        """How many journals are not as they were posted, or in doubt; look-alikes of others are for a person to
        judge."""
        return len({one.posted.id for one in self.findings if one.fault is not Fault.FOREIGN})


def audit(settings: Settings, period: str | None, person: LedgerConfirmation, *, any_company: bool) -> Audit:
    """Compares every journal that the store calls posted to this ledger of the company (of one period, `yyyyppp`, where
    it is given) with the ledger, in which nothing is changed, and finds those that are in doubt. Raises SetupError, or
    TryAgain when the ledger cannot be read."""
    database = Database(settings.store)
    try:
        with service(settings) as session:
            company = company_of(session, settings, any_company=any_company)
            key = company_key(company, session.practice)
            installation = installation_of(session, company, settings, database, person)
            store = JournalStore(database, key, "", installation=installation)
            take_over_older(store, session, settings)
            known = [*store.unsettled(), *((State.POSTED, one) for one in store.posted())]
            posted = [one for one in known if period in (None, shown_content(one[1].content).period)]
            try:
                findings = audited(
                    posted, session, ZoneInfo(settings.timezone), store.owners, store.ledger_facts().cuts
                )
            except READ_FAILURES as error:
                raise TryAgain("audit-failed", reason=sentence_of(error, settings.language)) from error
    finally:
        database.close()
    return Audit(company, len(posted), findings)
