"""`importer login` keeps credentials in the system's keyring after trying them; `importer logout` forgets them."""

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import current_language, set_language, words
from importer.cli.output import says_yes
from importer.credentials import Kept, forget, keep, system_keyring, variable_of
from importer.errors import CredentialsRefused, SetupError
from importer.model.secrets import Secret
from importer.services.operations import DIALECTS
from importer.settings import Settings, profile_of, read_settings, secret_of

if TYPE_CHECKING:
    from importer.model.results import Company


@click.command("login", help=words("help.login"), short_help=words("help.login-short"))
@click.option("--dialect", type=click.Choice(["document", "live"]), help=words("help.login-dialect"))
@options.of_settings
def command(**flags: Any) -> int:
    """Asks for what the settings do not say, tries to log in, keeps what worked. Raises CredentialsRefused when the
    service says no, SetupError when there is no safe keyring, or no terminal to ask on."""
    backend = system_keyring()
    settings = _with_prompted_credentials(settings_from(flags))
    try:
        company = _logged_in(settings)
    except CredentialsRefused as refusal:
        other = next(name for name in DIALECTS if name != settings.dialect)
        if refusal.key != "login-refused" or not _agrees_to(other, settings):
            raise
        settings = replace(settings, dialect=other)
        try:
            company = _logged_in(settings)
        except CredentialsRefused as second:
            raise CredentialsRefused("login-refused-twice", **second.facts) from second
    if not (settings.url and settings.userid and settings.email and settings.password):
        raise AssertionError("a login has all of these")
    kept = Kept(settings.url, settings.userid, settings.email, settings.password, settings.api_key, settings.dialect)
    keep(kept, settings.profile, backend)
    click.echo(words("said.logged-in", userid=settings.userid or "", company=company.name, id=company.id))
    return 0


def _logged_in(settings: Settings) -> "Company":
    """The company behind one login. Raises CredentialsRefused, TryAgain or SetupError."""
    from importer.run.company import company_of, service

    with service(settings) as session:
        return company_of(session, settings, any_company=True)


def _agrees_to(other: str, settings: Settings) -> bool:
    """Tells that the login was refused and asks for one more by the other dialect; without a terminal nobody agrees."""
    from importer.cli.terminal import is_person_there

    if not is_person_there():
        return False
    click.echo(words("said.refused-by-dialect", dialect=settings.dialect, userid=settings.userid or ""), err=True)
    return says_yes(words("ask.other-dialect", dialect=other), current_language())


def _with_prompted_credentials(settings: Settings) -> Settings:
    """The settings with everything a login needs. The password is asked for unless the environment has it: what was
    kept before is what this command is to replace."""
    names = ("SPX_PASSWORD", "SPX_API_KEY")
    password, key = (secret_of(name, os.environ.get(variable_of(name, settings.profile))) for name in names)
    return replace(
        settings,
        url=settings.url or _ask("url"),
        userid=settings.userid or _ask("userid"),
        email=settings.email or _ask("email"),
        password=password or Secret(_ask("password", is_hidden=True)),
        api_key=key or secret_of("SPX_API_KEY", _ask("api-key", is_hidden=True, default=""), "terminal"),
    )


def _ask(what: str, *, is_hidden: bool = False, default: str | None = None) -> str:
    from importer.cli.terminal import is_person_there

    if not is_person_there():
        raise SetupError("login-needs-terminal")
    answer = click.prompt(words(f"ask.{what}"), hide_input=is_hidden, default=default, show_default=False, err=True)
    return str(answer).strip()


@click.command("logout", help=words("help.logout"), short_help=words("help.logout-short"))
@options.of_settings
def logout_command(**flags: Any) -> int:
    """Removes the profile's entry from the keyring. Raises SetupError when there is no keyring that may be used, or it
    refuses."""
    with suppress(SetupError):  # settings that are wrong, or a profile that is gone, must not keep a password
        set_language(read_settings(flags, os.environ, lambda _: None).language)
    was_there = forget(profile_of(flags, os.environ), system_keyring())
    click.echo(words("said.logged-out" if was_there else "said.nothing-kept"))
    return 0
