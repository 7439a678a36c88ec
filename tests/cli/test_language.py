"""A command speaks the language of its settings as soon as they are read; its help, made before, that of the locale."""

from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from importer.translations import Language, say
from tests.cli.asking import Ask, asking, environment_of
from tests.cli.commands import importer_forked as importer


@pytest.fixture
def ask(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Ask:
    (tmp_path / "importer.toml").write_text('lang = "es"\n')
    (tmp_path / "there.xlsx").write_text("a file")
    (tmp_path / "there.pdf").write_text("a file")
    (tmp_path / "bad.pdf").write_text("no PDF")
    settings = environment_of(sandbox) | {"IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"}
    return asking(settings, tmp_path, monkeypatch, capsysbinary)


def spanish(key: str, **facts: str | int) -> str:
    return say(Language.ES, key, **facts)


@pytest.mark.parametrize(
    ("command", "key", "facts"),
    [
        ("template journals", "said.template", {"file": "journals.xlsx"}),
        ("template journals -o there.xlsx", "error.template-exists", {"file": "there.xlsx"}),
        ("reverse 5326 -o r.xlsx", "said.reversed", {"count": 1, "file": "r.xlsx"}),
        ("reverse 5326 -o there.xlsx", "error.template-exists", {"file": "there.xlsx"}),
        ("print 5326 -o v.pdf", "said.voucher-saved", {"journal": 5326, "file": "v.pdf"}),
        ("print 5326 -o there.pdf", "error.template-exists", {"file": "there.pdf"}),
        ("print 5326 --logo none.png", "error.logo-file", {"file": "none.png"}),
        ("attach 5326 --list", "said.nothing-linked", {"journal": 5326}),
        ("attach 5326 bad.pdf", "error.file-refused", {"name": "bad.pdf"}),
        ("detach 5326 K1", "error.no-linked-file", {"journal": 5326, "wanted": "K1"}),
        ("employee activate NOBODY --payroll 27", "said.employee-refused", {"code": "NOBODY", "payroll": 27}),
        ("stamps 2019-10 --csv there.xlsx", "error.template-exists", {"file": "there.xlsx"}),
        ("get company -o there.xlsx", "error.template-exists", {"file": "there.xlsx"}),
        ("audit", "said.audit-nothing", {}),
        ("report nowhere", "error.no-such-run", {"run": "nowhere"}),
        ("runs nowhere", "error.no-such-run", {"run": "nowhere"}),
        ("resume nowhere", "error.no-such-run", {"run": "nowhere"}),
    ],
)
def test_the_settings_language_is_spoken(ask: Ask, command: str, key: str, facts: dict[str, str | int]) -> None:
    shown = ask(*command.split())
    told = shown.out.decode(errors="replace") + shown.err
    assert any(piece in told for piece in _pieces(Language.ES, key, facts)), told
    assert not any(piece in told for piece in _pieces(Language.EN, key, facts)), told


def _pieces(language: Language, key: str, facts: dict[str, str | int]) -> list[str]:
    """What stands between the facts that are not known here, where it is long enough to tell languages apart."""
    hole = "\0"
    names = ("store", "detail", "argument", "expected", "reason", "period", "date", "name")
    text = say(language, key, **(dict.fromkeys(names, hole) | facts))
    return [piece for piece in text.split(hole) if len(piece.split()) > 2]


def test_a_flag_says_more_than_the_settings(ask: Ask) -> None:
    assert say(Language.FR, "said.audit-nothing") in ask("audit", "--lang", "fr").err


@pytest.mark.parametrize(
    "command", ["--lang fr audit", "--lang es audit --lang fr", "--lang fr get company -o there.xlsx"]
)
def test_the_flag_may_stand_before_the_command_whose_own_wins(ask: Ask, command: str) -> None:
    keys = {"said.audit-nothing": {}, "error.template-exists": {"file": "there.xlsx"}}
    assert any(say(Language.FR, key, **facts) in ask(*command.split()).err for key, facts in keys.items())


def test_help_stays_in_the_language_of_the_locale_and_the_next_command_begins_there(ask: Ask) -> None:
    assert spanish("said.audit-nothing") in ask("audit").err
    assert "Show this message" in ask("--help").out.decode()
    wrong = ask("audit", "--period", "soon")
    assert say(Language.EN, "lookups.wrong.period", value="soon") in wrong.err


def test_logout_speaks_it_too_and_works_with_settings_that_are_wrong(tmp_path: Path) -> None:
    null = "keyring.backends.null.Keyring"
    spoken = spanish("error.no-keyring", backend=null.rpartition(".")[0])
    (tmp_path / "importer.toml").write_text('lang = "es"\n')
    assert importer("logout", folder=tmp_path, PYTHON_KEYRING_BACKEND=null).err == f"{spoken}\n"
    (tmp_path / "importer.toml").write_text("colour = 5\n")
    ended = importer("logout", folder=tmp_path, PYTHON_KEYRING_BACKEND=null)
    assert "colour" not in ended.err and "SPX_PASSWORD" in ended.err
