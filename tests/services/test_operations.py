"""The table of operations against the contracts, and the dialects of a live service."""

import re
from pathlib import Path

import pytest

import importer.services
from importer.errors import SetupError
from importer.files import FileFault
from importer.model.secrets import Secret
from importer.run.company import service
from importer.sandbox import running
from importer.services import operations
from importer.services.operations import DIALECTS, DOCUMENT, LIVE, OPERATIONS
from importer.services.sunplusxtra.accounts import list_accounts
from importer.services.sunplusxtra.journals import get_journal_range
from importer.settings import Settings, read_settings, secret_of
from importer.translations import Language, catalogue, say, sentence_of
from tests.contract.schemas import CONTRACTS, operation, operation_ids
from tests.services.conftest import session_at
from tests.services.contract_mock import words_of
from tests.services.odd_service import odd_service, reply
from tests.services.request_judge import node_of

EVERY_OPERATION = [name for contract in CONTRACTS for name in operation_ids(contract)]


def test_all_operations_of_both_contracts_are_there() -> None:
    assert sorted(OPERATIONS) == sorted(EVERY_OPERATION) and len(OPERATIONS) == 38


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_a_row_says_what_the_contract_says(name: str) -> None:
    row, found, node = OPERATIONS[name], operation(name), node_of(name)
    assert (row.method, row.path) == (found.method, re.sub(r"\{[^}]*\}", "{}", found.path))
    assert row.is_write == (node["x-effect"] == "write")
    outcomes = {code: outcome for code, outcome in node.get("x-outcome", {}).items() if code != "no_answer"}
    undone = {code for code, outcome in outcomes.items() if outcome == "not_applied"}
    assert row.not_applied == undone
    assert row.not_applied_with_lines == {code for code in outcomes if outcomes[code] == "not_applied_if_linesError"}
    assert row.repeats_harmlessly == (node.get("x-repeat") == "harmless")


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_words_of_a_failure_are_the_contracts(name: str) -> None:
    said = {code: say(Language.EN, f"meaning.{meaning}") for code, meaning in OPERATIONS[name].codes.items()}
    assert {code: f"{words[0].upper()}{words[1:]}." for code, words in said.items()} == words_of(name)


@pytest.mark.parametrize("language", Language)
def test_every_meaning_has_words_and_no_words_are_left_over(language: Language) -> None:
    worded = {key.removeprefix("meaning.") for key in catalogue(language) if key.startswith("meaning.")}
    used = {meaning for row in OPERATIONS.values() for meaning in row.codes.values()}
    assert worded == used <= {value for value in vars(operations).values() if isinstance(value, str)}


def test_every_argument_and_expectation_of_a_refusal_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(importer.services.__path__[0]).rglob("*.py"))
    refused = re.findall(r'RequestRefused\(\s*(?:argument|"([a-z-]+)"),\s*"([a-z-]+)"', source)
    checks = "text|filled_text|path_text|number|dimension|period"
    checked = re.findall(rf'\b(?:{checks})\(\s*"([a-z-]+)"', source)
    arguments = {name for name, _ in refused if name and name != "file"} | set(checked)
    expected = {expectation for _, expectation in refused} | {fault.value for fault in FileFault}
    assert len(arguments) > 30 and len(expected) > 15
    assert arguments == {key.split(".")[1] for key in catalogue(Language.EN) if key.startswith("argument.")}
    assert expected <= {key.split(".")[1] for key in catalogue(Language.EN) if key.startswith("limits.")}


NOTHING = reply(200, b'{"message": "Correct query", "response": []}')


def test_the_document_is_spoken_unless_another_dialect_is_asked_for() -> None:
    assert {name: DOCUMENT.method_of(name) for name in OPERATIONS} == {
        name: row.method for name, row in OPERATIONS.items()
    }
    assert (DOCUMENT.login_user, DOCUMENT.login_has_key, DOCUMENT.lists_accounts_unasked) == ("userid", True, False)


def test_the_live_dialect_differs_where_the_public_client_does() -> None:
    differing = {name for name, row in OPERATIONS.items() if LIVE.method_of(name) != row.method}
    assert differing == {"get_journal_range"} and LIVE.method_of("get_journal_range") == "GET"
    assert (LIVE.login_user, LIVE.login_has_key, LIVE.lists_accounts_unasked) == ("idusuario", False, True)
    assert set(DIALECTS) == {"document", "live"}


def test_the_live_login_names_the_user_otherwise_and_sends_no_key() -> None:
    with odd_service() as service:
        session_at(service.url, dialect=LIVE).log_in()
    (login,) = service.requests
    assert login.endswith('{"idusuario":"treasurer","password":"pässword","email":"treasurer@example.org"}'.encode())
    assert b"api-key" not in login.lower()


def test_each_dialect_writes_the_scheme_of_the_token_in_its_own_way() -> None:
    for dialect, scheme in ((DOCUMENT, b"bearer"), (LIVE, b"Bearer")):
        with odd_service(NOTHING) as service:
            list_accounts(session_at(service.url, dialect=dialect))
        assert b"\r\nAuthorization: %b tok-1\r\n" % scheme in service.requests[-1]


def test_the_live_range_is_a_get_without_a_body() -> None:
    for dialect, start in ((DOCUMENT, b"POST /journal/range/1/2 HTTP"), (LIVE, b"GET /journal/range/1/2 HTTP")):
        with odd_service(NOTHING) as service:
            assert get_journal_range(session_at(service.url, dialect=dialect), 1, 2) == []
        asked = service.requests[-1]
        assert asked.startswith(start) and asked.endswith(b"\r\n\r\n")
        assert (b"content-length: 0" in asked.lower()) == (dialect is DOCUMENT)


def test_all_accounts_are_asked_for_as_each_dialect_wants_it() -> None:
    for dialect, path in ((DOCUMENT, b"GET /account-list?part=&code=1 HTTP"), (LIVE, b"GET /account-list HTTP")):
        with odd_service(NOTHING, NOTHING) as service:
            session = session_at(service.url, dialect=dialect)
            assert list_accounts(session) == list_accounts(session, "101") == []
        assert service.requests[1].startswith(path)
        assert service.requests[2].startswith(b"GET /account-list?part=101&code=1 HTTP")


def test_the_base_path_belongs_to_the_address() -> None:
    with odd_service(NOTHING, grants_logins=False) as service:
        service.answers.insert(0, reply(200, b'{"access_token": "token"}'))
        list_accounts(session_at(f"{service.url}/api/spxtra/", dialect=LIVE))
    assert [request.split(b" ")[1] for request in service.requests] == [
        b"/api/spxtra/login",
        b"/api/spxtra/account-list",
    ]


def settings_of(**environment: str) -> Settings:
    return read_settings({}, environment, lambda _: None)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a settings file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_the_dialect_is_a_setting(nowhere: Path) -> None:
    assert settings_of().dialect == "document"
    assert settings_of(SPX_DIALECT="live").dialect == "live"
    (nowhere / "importer.toml").write_text('dialect = "document"\n[profile.real]\ndialect = "live"\n')
    assert [settings_of(**who).dialect for who in ({}, {"IMPORTER_PROFILE": "real"})] == ["document", "live"]
    with pytest.raises(SetupError) as caught:
        settings_of(SPX_DIALECT="klingon")
    assert "document or live" in sentence_of(caught.value, Language.EN)


def test_the_key_of_sovos_is_a_secret_of_the_environment(nowhere: Path) -> None:
    settings = settings_of(SOVOS_URL="https://go.reachcore.com", SOVOS_API_KEY="key-2")
    assert settings.sovos_url == "https://go.reachcore.com"
    assert settings.sovos_api_key == Secret("key-2") and "key-2" not in repr(settings)
    (nowhere / "importer.toml").write_text('sovos_api_key = "key-2"\n')
    with pytest.raises(SetupError, match="secret-in-file"):
        settings_of()


def test_a_key_that_no_header_could_carry_is_refused_wherever_it_comes_from() -> None:
    assert secret_of("SPX_API_KEY", " key-2 ") == Secret("key-2") and secret_of("SPX_API_KEY", None) is None
    assert secret_of("SPX_PASSWORD", "contraseña") == Secret("contraseña")
    with pytest.raises(SetupError, match="bad-setting") as caught:
        secret_of("SPX_API_KEY", "clave-ñ", "terminal")
    assert "clave" not in repr(caught.value.facts)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_run_speaks_the_dialect_of_its_settings(name: str, nowhere: Path) -> None:
    with running(dialect=name) as sandbox:
        at = sandbox.address
        who = {"SPX_URL": at.spx_url, "SPX_USERID": at.userid, "SPX_PASSWORD": at.password, "SPX_EMAIL": at.email}
        with service(settings_of(**who, SPX_API_KEY=at.api_key, SPX_DIALECT=name)) as session:
            assert session.dialect.name == name
            assert get_journal_range(session, 5326, 5326) != []
