"""What commands share: their settings, `--sandbox`, and a session in the company of the credentials."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from importer.cli import options
from importer.cli.language import set_language, words
from importer.model.secrets import OF_THIS_PROCESS, Secret
from importer.services.operations import DOCUMENT
from importer.settings import Settings, read_settings

if TYPE_CHECKING:
    from importer.cli.terminal import Terminal
    from importer.model.results import Company
    from importer.services.session import Session
    from importer.store.database import Database


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of a command with these flags; from now on their language is spoken. Raises SetupError."""
    settings = read_settings(flags, os.environ)
    set_language(settings.language)
    proxy = urlsplit(settings.proxy.reveal()).password if settings.proxy else None
    for secret in (settings.password, settings.api_key, settings.sovos_api_key, Secret(unquote(proxy or ""))):
        OF_THIS_PROCESS.add(secret)
    return settings


def store_of(settings: Settings) -> "Database":
    """The store of the settings, to be closed. Raises SetupError."""
    from importer.store.database import Database

    return Database(settings.store)


@contextmanager
def sandbox_settings(settings: Settings, in_sandbox: bool) -> Iterator[Settings]:
    """With `in_sandbox` the settings of a practice company (SunPlusXtra and Sovos) and of a store that live only as
    long as the block; otherwise the settings as they are.

    What is true of a company or its service (company_id, dialect, timezone, currency, installation) is the practice
    company's: with another time zone right days would look wrong. The rules by which one's own workbooks are judged
    (balance_by, last_period) stay, or practice would let pass, or refuse, what the real run does not.
    """
    if not in_sandbox:
        yield settings
        return
    from importer.sandbox.company import ZONE
    from importer.sandbox.server import running

    with running() as sandbox, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        address = sandbox.address
        yield replace(
            settings,
            url=address.spx_url,
            userid=address.userid,
            password=Secret(address.password),
            email=address.email,
            api_key=Secret(address.api_key),
            company_id=None,
            dialect=DOCUMENT.name,
            timezone=ZONE.key,
            currency=None,
            currencies=tuple(sandbox.company.currencies),
            installation=None,
            store=f"sqlite:///{Path(folder) / 'practice.db'}",
            sovos_url=address.sovos_url,
            sovos_api_key=Secret(address.sovos_api_key),
        )


LARGEST_JOURNAL = 2**63 - 1

_SHARED = (
    click.option("--sandbox", "in_sandbox", is_flag=True, help=words("help.in-sandbox")),
    options.profile,
    click.option("--any-company", is_flag=True, help=words("help.any-company-too")),
    options.lang,
    options.as_json,
    options.debug,
)


def of_company(command: options.Command) -> options.Command:
    """Adds the options that these commands share."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class CompanySession:
    """A session that is logged in to a company; `key` identifies the company in the store."""

    settings: "Settings"
    session: "Session"
    company: "Company"
    key: str


@contextmanager
def at_company(settings: "Settings", flags: Mapping[str, Any]) -> Iterator[CompanySession]:
    """A session in the company of the settings, of the sandbox with that flag. Raises SetupError, CredentialsRefused,
    WrongCompany or TryAgain."""
    from importer.post.plan import company_key
    from importer.run.company import company_of, service

    with sandbox_settings(settings, flags["in_sandbox"]) as settings, service(settings) as session:
        company = company_of(session, settings, any_company=flags["any_company"])
        yield CompanySession(settings, session, company, company_key(company, session.practice))


def terminal_of_command(settings: "Settings") -> "Terminal":
    """The terminal of a command that asks only what it cannot find out itself."""
    from importer.cli.terminal import Terminal

    return Terminal(settings.language, speaks_on_stderr=True, asks=True)


def installation_at(at: CompanySession, database: "Database") -> str:
    """Which ledger of the company it is, in the store. Raises SetupError when that cannot be told, TryAgain."""
    from importer.run.installations import installation_of

    with terminal_of_command(at.settings) as person:
        return installation_of(at.session, at.company, at.settings, database, person)
