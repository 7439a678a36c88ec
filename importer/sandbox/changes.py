"""What a request can do to the company, each as a value: it can be done, written down, and done again later."""

from dataclasses import dataclass, replace

from importer.sandbox.company_lists import AnalysisCode, Company
from importer.sandbox.company_records import Address, Document
from importer.sandbox.ledger import Journal


@dataclass(frozen=True, slots=True)
class JournalPosted:
    """A journal goes into the ledger."""

    journal: Journal

    def apply(self, company: Company) -> None:
        """See `Change`."""
        company.ledger.post(self.journal)


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A code of a dimension is made, or changed in its place."""

    cat_id: str
    code: AnalysisCode

    def apply(self, company: Company) -> None:
        """See `Change`."""
        company.analysis_codes[self.cat_id][self.code.code] = self.code


@dataclass(frozen=True, slots=True)
class CodeRemoved:
    """A code of a dimension is gone."""

    cat_id: str
    code: str

    def apply(self, company: Company) -> None:
        """See `Change`."""
        del company.analysis_codes[self.cat_id][self.code]


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An address is made, or changed in its place."""

    address: Address

    def apply(self, company: Company) -> None:
        """See `Change`."""
        company.addresses[str(self.address["addressCode"])] = self.address


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """An address is gone."""

    code: str

    def apply(self, company: Company) -> None:
        """See `Change`."""
        del company.addresses[self.code]


@dataclass(frozen=True, slots=True)
class EmployeeActivated:
    """An employee is active from now on."""

    payroll: int
    enrollment_code: str

    def apply(self, company: Company) -> None:
        """See `Change`."""
        employees = company.payrolls[self.payroll].employees
        employees[self.enrollment_code] = replace(employees[self.enrollment_code], active=True)


@dataclass(frozen=True, slots=True)
class DocumentLinked:
    """A file is linked."""

    document: Document

    def apply(self, company: Company) -> None:
        """See `Change`."""
        company.documents[self.document.file_key] = self.document


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    """A linked file is gone."""

    file_key: str

    def apply(self, company: Company) -> None:
        """See `Change`."""
        del company.documents[self.file_key]
