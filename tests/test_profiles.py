"""Credentials of many companies: a profile has its own, and neither the environment's nor another profile's; what
settings say together."""

import struct
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.credentials import Kept, environment_for, variable_of
from importer.errors import SetupError
from importer.files import NotPrivate, is_private_description, is_private_list, read_private_file
from importer.model.secrets import Secret
from importer.settings import Settings, connectable_profiles, read_settings
from importer.translations import Language, sentence_of

TABLES = """
url = "https://h.example"
[profile.union-norte]
userid = "ana"
email = "ana@example.org"
[profile.field]
url = "https://field.example"
userid = "eva"
email = "eva@example.org"
"""
SECRETS = 'url = "https://h.example"\nuserid = "ana"\npassword = "of the file"\napi_key = "key-1"\n'
IN_KEYRING = Kept("https://h.example", "ana", "a@example.org", Secret("of the keyring"), None, "document")
posix = pytest.mark.skipif(sys.platform == "win32", reason="the rights of POSIX")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two profiles."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "importer.toml").write_text(TABLES)
    (tmp_path / "credentials").mkdir()
    return tmp_path


def settings_of(profile: str | None = "union-norte", kept: Kept | None = None, /, **environment: str) -> Settings:
    return read_settings({"profile": profile}, environment, lambda _: kept)


def private(file: Path, text: str = SECRETS) -> Path:
    file.write_text(text)
    file.chmod(0o600)
    return file


def sentence_for(settings: Settings) -> str:
    with pytest.raises(SetupError) as caught:
        settings.missing_credentials()
    return sentence_of(caught.value, Language.EN)


def test_a_named_profile_is_not_overridden_by_the_environment(folder: Path) -> None:
    others = {"SPX_URL": "https://evil.example", "SPX_USERID": "x", "SPX_PASSWORD": "p", "SOVOS_API_KEY": "k"}
    settings = settings_of(**others, SPX_DIALECT="live", IMPORTER_TIMEOUT="7", SPX_API_KEY="k")
    assert (settings.url, settings.userid, settings.dialect) == ("https://h.example", "ana", "document")
    assert settings.password is settings.api_key is settings.sovos_api_key is None and settings.timeout == 7
    assert settings.missing_credentials() == ["SPX_PASSWORD__UNION_NORTE"]
    assert settings_of(None, **others, IMPORTER_PROFILE="union-norte").url == "https://h.example"
    assert settings_of(None, **others).url == "https://evil.example"


def test_a_file_is_parsed_once_for_all_profiles_and_anew_when_it_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"# {folder}\n{TABLES}"
    changed = own.replace("profile.field", "profile.south")
    parsed: list[str] = []
    parse = tomllib.loads

    def loads(text: str) -> dict[str, Any]:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(tomllib, "loads", loads)
    names = [f"{name}__{profile}" for name in ("PASSWORD", "API_KEY") for profile in ("UNION_NORTE", "FIELD")]
    secrets = {f"SPX_{name}": "x" for name in names}
    (folder / "importer.toml").write_text(own)
    assert connectable_profiles(secrets) == ["union-norte", "field"]
    (folder / "importer.toml").write_text(changed)
    assert connectable_profiles(secrets) == ["union-norte"]
    assert parsed == [own, changed]


def test_the_variables_of_a_profile_are_its_own(folder: Path) -> None:
    variables = {"SPX_PASSWORD__UNION_NORTE": "p", "SPX_API_KEY__UNION_NORTE": "k", "SOVOS_API_KEY__UNION_NORTE": "s"}
    settings = settings_of("union-norte", IN_KEYRING, **variables)
    assert (settings.password, settings.api_key, settings.sovos_api_key) == (Secret("p"), Secret("k"), Secret("s"))
    assert settings.missing_credentials() == [] and settings_of("field", **variables).password is None


@given(st.text("ab-0", min_size=1, max_size=6), st.text("ab-0", min_size=1, max_size=6))
def test_no_two_names_give_one_variable(first: str, second: str) -> None:
    assert (variable_of("SPX_PASSWORD", first) == variable_of("SPX_PASSWORD", second)) == (first == second)


@pytest.mark.parametrize("name", ["Union", "a_b", "ñ", "a" * 41, "../x", "a\n"])
def test_a_name_that_could_give_anothers_variable_is_refused(name: str, folder: Path) -> None:
    with pytest.raises(SetupError, match="bad-profile-name"):
        settings_of(name)


@posix
def test_a_file_of_secrets_is_before_variables_and_keyring(folder: Path) -> None:
    private(folder / "credentials/union-norte.toml")
    variables = {"CREDENTIALS_DIRECTORY": str(folder / "credentials"), "SPX_PASSWORD__UNION_NORTE": "other"}
    settings = settings_of("union-norte", IN_KEYRING, **variables)
    assert (settings.password, settings.api_key) == (Secret("of the file"), Secret("key-1"))
    assert settings_of("field", **variables).password is None
    assert settings_of("union-norte", IN_KEYRING).password == Secret("of the keyring")


@posix
def test_a_file_that_the_settings_name_gives_the_address_too(folder: Path) -> None:
    private(folder / "x.toml", SECRETS + 'sovos_url = "https://go.reachcore.com"\nsovos_api_key = "s"\n')
    tables = 'installation = "REAL"\n[profile.union-norte]\nsecrets = "x.toml"\nemail = "e@example.org"\n'
    (folder / "importer.toml").write_text(tables)
    settings = settings_of()
    assert (settings.url, settings.userid, settings.password) == ("https://h.example", "ana", Secret("of the file"))
    assert settings.sovos_api_key == Secret("s") and settings.installation is None and settings.is_connectable


@posix
@pytest.mark.parametrize("change", [("https://h.example", "https://evil.example"), ("ana", "eva")])
def test_a_profile_with_another_address_or_user_gets_nothing(change: tuple[str, str], folder: Path) -> None:
    private(folder / "credentials/union-norte.toml", SECRETS.replace(*change))
    settings = settings_of("union-norte", IN_KEYRING, CREDENTIALS_DIRECTORY=str(folder / "credentials"))
    assert settings.password is settings.api_key is None
    assert "union-norte" in sentence_for(settings)


@posix
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("password = 'of the file", "TOML"),
        (SECRETS.replace("userid", "email"), "userid"),
        (SECRETS + 'sovos_api_key = "s"\n', "sovos_url"),
        (SECRETS + 'store = "sqlite:///x"\n', "store"),
        (SECRETS.replace('"of the file"', '"of the\\u0007file"'), "password"),
    ],
)
def test_a_file_of_secrets_that_is_wrong_is_named_and_quotes_nothing(text: str, said: str, folder: Path) -> None:
    private(folder / "credentials/union-norte.toml", text)
    sentence = sentence_for(settings_of(CREDENTIALS_DIRECTORY=str(folder / "credentials")))
    assert said in sentence and "union-norte.toml" in sentence and "of the\x07" not in sentence


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660, 0o601])
def test_a_file_that_others_may_read_or_write_is_refused(mode: int, folder: Path) -> None:
    private(folder / "x.toml").chmod(mode)
    (folder / "importer.toml").write_text('[profile.union-norte]\nsecrets = "x.toml"\n')
    settings = settings_of()
    assert settings.password is None and "others may read it" in sentence_for(settings)


@posix
def test_a_link_a_folder_and_a_file_that_is_not_there_are_refused(folder: Path) -> None:
    private(folder / "x.toml")
    (folder / "link.toml").symlink_to(folder / "x.toml")
    with pytest.raises(NotPrivate):
        read_private_file(folder / "link.toml", 1000)
    for name in ("link.toml", "credentials", "nowhere.toml"):
        (folder / "importer.toml").write_text(f'[profile.union-norte]\nsecrets = "{name}"\n')
        assert name in sentence_for(settings_of())


OWNER, MASK, NONE = (0x01, 4, 2**32 - 1), (0x10, 4, 2**32 - 1), (0x20, 0, 2**32 - 1)


@pytest.mark.parametrize(
    ("others", "is_private"),
    [
        ([(0x02, 4, 1000), (0x04, 0, 2**32 - 1)], True),
        ([(0x02, 4, 1000), (0x04, 4, 2**32 - 1)], False),
        ([(0x02, 4, 1000), (0x02, 4, 1001), (0x04, 0, 2**32 - 1)], False),
        ([(0x02, 4, 1000), (0x04, 0, 2**32 - 1), (0x08, 4, 50)], False),
    ],
)
def test_the_list_that_systemd_writes_names_the_services_user_alone(
    others: list[tuple[int, int, int]], is_private: bool
) -> None:
    content = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in (OWNER, *others, MASK, NONE))
    assert is_private_list(content, 1000) == is_private
    assert not is_private_list(b"", 1000) and not is_private_list(content[:-1], 1000)


ME, OTHER = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"


@pytest.mark.parametrize(
    ("description", "is_private"),
    [
        (f"O:{ME}D:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{ME})", True),
        (f"O:BAD:(A;ID;FA;;;SY)(D;;FA;;;{OTHER})", True),
        (f"O:{ME}D:PAI(A;;FA;;;{ME})(A;;FR;;;{OTHER})", False),
        (f"O:{ME}D:AI(A;ID;FR;;;BU)", False),
        (f"O:{ME}D:(A;;FA;;;{ME})(XA;;FR;;;WD;(@User.a==1))", False),
        (f"O:{ME}D:NO_ACCESS_CONTROL", False),
        (f"O:{ME}", False),
        ("", False),
    ],
)
def test_of_windows_owner_system_and_administrators_may_read(description: str, is_private: bool) -> None:
    assert is_private_description(description) == is_private


def test_a_child_is_given_no_other_profiles_secrets() -> None:
    environment = {
        **{
            "PATH": "/bin",
            "IMPORTER_STORE": "sqlite:///s",
            "IMPORTER_PROFILE": "other",
            "SPX_URL": "https://h.example",
        },
        **{"SPX_PASSWORD": "1", "SPX_API_KEY": "2", "SOVOS_API_KEY": "3", "SPX_PASSWORD__A_B": "4"},
        **{"SPX_PASSWORD__C": "5", "SPX_API_KEY__C": "6", "SOVOS_API_KEY__C": "7", "spx_password__d": "8"},
        **{"IMPORTER_SMTP_PASSWORD": "9", "IMPORTER_WEBHOOK_SECRET": "10", "CREDENTIALS_DIRECTORY": "/run/c"},
    }
    plain = {"PATH", "IMPORTER_STORE", "SPX_URL", "CREDENTIALS_DIRECTORY", "IMPORTER_PROFILE"}
    given_to_it = environment_for("a-b", environment)
    assert set(given_to_it) == plain | {"SPX_PASSWORD__A_B"} and given_to_it["IMPORTER_PROFILE"] == "a-b"
    without = environment_for(None, environment)
    assert set(without) == plain - {"IMPORTER_PROFILE"} | {"SPX_PASSWORD", "SPX_API_KEY", "SOVOS_API_KEY"}


def test_a_proxy_and_its_password_come_from_the_environment(folder: Path) -> None:
    address = "http://ana:s3cret-word@proxy.example.org:3128"
    settings = settings_of(IMPORTER_PROXY=address, IMPORTER_CA_FILE="office.pem")
    assert settings.proxy == Secret(address) and "s3cret" not in repr(settings)
    assert settings.ca_file == Path("office.pem")
    for wrong in ("https://proxy.example.org:3128", "proxy:3128", "http://proxy.example.org", "http://h:1/path"):
        with pytest.raises(SetupError, match="bad-setting"):
            settings_of(IMPORTER_PROXY=wrong)
    (folder / "importer.toml").write_text(f'proxy = "{address}"\n')
    with pytest.raises(SetupError, match="secret-in-file"):
        settings_of(None)


@pytest.mark.parametrize(
    ("environment", "settle"),
    [
        ({}, 900),
        ({"IMPORTER_TIMEOUT": "3600"}, 5400),
        ({"IMPORTER_SETTLE": "5", "IMPORTER_TIMEOUT": "120"}, 180),
        ({"IMPORTER_SETTLE": "500", "IMPORTER_TIMEOUT": "120"}, 500),
    ],
)
def test_nothing_settles_while_its_request_may_be_under_way(
    environment: Mapping[str, str], settle: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}, {"SPX_PASSWORD": "x", **environment}).settle == settle


def test_the_name_of_a_ledger_stands_in_the_file_beside_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is named above the profiles is not what a profile with an address of its own leads to."""
    monkeypatch.chdir(tmp_path)
    text = 'url = "https://real.example"\ninstallation = " REAL "\n[profile.user]\nuserid = "eva"\n'
    text += '[profile.test]\nurl = "https://test.example"\n'
    text += '[profile.school]\nurl = "https://test.example"\ninstallation = "SCHOOL"\n'
    (tmp_path / "importer.toml").write_text(text, encoding="utf-8")
    names = {None: "REAL", "user": "REAL", "test": None, "school": "SCHOOL"}
    for profile, name in names.items():
        assert read_settings({"profile": profile}, {"SPX_PASSWORD": "x"}).installation == name
    (tmp_path / "importer.toml").write_text('installation = "RE\\u0007AL"\n', encoding="utf-8")
    with pytest.raises(SetupError, match="bad-setting"):
        read_settings({}, {"SPX_PASSWORD": "x"})
