"""The ways in which a live service was seen to differ from the documents; nothing else in the client knows of them.

Lost authentication as 401 or as 404 with `Unauthenticated.` is no part of it: it is understood in both dialects
(`answers.is_token_rejected`). The base path (`/api/spxtra`) belongs to the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.services.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class Dialect:
    """One reading of the service.

    `login_user` is the member of the login's body that names the user; `login_has_key` tells whether an API key
    goes along; `scheme` is written before the token, letter by letter, since servers compare it as text (A-12; the
    framework of the live one did for years); `prints_more`: it prints formats beyond the document's; `methods` are the
    operations that are asked by another method than the contract's; `lists_accounts_unasked`: `account-list` without
    parameters gives all accounts.
    """

    name: str
    login_user: str = "userid"
    login_has_key: bool = True
    scheme: str = "bearer"
    prints_more: bool = False
    methods: Mapping[str, str] = field(default_factory=dict)
    lists_accounts_unasked: bool = False

    def method_of(self, operation: str) -> str:
        """The method by which an operation is asked."""
        return self.methods.get(operation) or OPERATIONS[operation].method


DOCUMENT = Dialect("document")
"""What the contract says."""

LIVE = Dialect(
    "live",
    login_user="idusuario",
    login_has_key=False,
    scheme="Bearer",
    prints_more=True,
    methods={"get_journal_range": "GET"},
    lists_accounts_unasked=True,
)
"""What a public client of the live service does (notes/sunsystems, 4.10)."""

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (DOCUMENT, LIVE)}
"""By the names that the setting `dialect` takes."""
