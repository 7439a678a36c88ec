"""The command line speaks the user's language in every word, click's own too."""

import json
import os
import re
import subprocess
import sys

import click
import pytest

from importer.cli import COMMANDS, importer
from importer.translations import Language, catalogue, chapter, say
from tests.cli.commands import ROOT, home_in
from tests.translations.click_words import CATALOGUES, content_of
from tests.translations.english import english_in

HELPS = ["--help", *(f"{command} --help" for command in COMMANDS), "--version"]

EVERY_HELP = f"""
import contextlib, io, json
import click
from importer.cli import exit_code_of_command, importer

def groups(command, context, words):
    if isinstance(command, click.Group):
        yield from (f"{{words}} {{name}} --help".strip() for name in command.list_commands(context))
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            yield from groups(one, click.Context(one, info_name=name, parent=context), f"{{words}} {{name}}".strip())

found = {{}}
for words in [*{HELPS!r}, *groups(importer, click.Context(importer, info_name="importer"), "")]:
    with contextlib.redirect_stdout(io.StringIO()) as page:
        assert exit_code_of_command(words.split()) == 0
    found[words] = page.getvalue()
print(json.dumps(found))
"""
ENGLISH = ("Usage", "Options:", "Commands:", "Show ", "exit.", "Try ", "Missing", "No such", "Invalid", " for help")


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_catalogue_that_click_reads_is_made_of_ours(language: Language) -> None:
    assert CATALOGUES[language].read_bytes() == content_of(language), "python -m tests.translations"


@pytest.fixture(scope="module")
def helps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The help of every command by language: that of the process, so that each language has one."""
    found = {}
    for language in Language:
        home = home_in(tmp_path_factory.mktemp(language)) | {"IMPORTER_LANG": language, "COLUMNS": "200"}
        words = [sys.executable, "-c", EVERY_HELP]
        found[language.value] = json.loads(subprocess.check_output(words, cwd=ROOT, encoding="utf-8", env=home))
    return found


@pytest.mark.parametrize("words", HELPS)
def test_help_answers_in_every_language(words: str, helps: dict[str, dict[str, str]]) -> None:
    texts = {of_language[words] for of_language in helps.values()}
    assert all(texts) and (len(texts) == 3 or words == "--version")


def test_only_a_command_that_posts_promises_to_post(helps: dict[str, dict[str, str]]) -> None:
    shown = {
        command: " ".join(helps["en"][f"{command} --help"].split()) for command in ("run", "check", "audit", "attach")
    }
    posts, goes_on = say(Language.EN, "help.any-company"), say(Language.EN, "help.any-company-too")
    assert [command for command, text in shown.items() if posts in text] == ["run"]
    assert [command for command, text in shown.items() if goes_on in text] == [one for one in shown if one != "run"]


@pytest.mark.parametrize("language", ["es", "fr"])
def test_no_help_has_a_word_of_english(language: str, helps: dict[str, dict[str, str]]) -> None:
    pages = [text for words, text in helps[language].items() if words not in ("--version", "sandbox --help")]
    whole = "\n".join([*pages, helps[language]["sandbox --help"]])
    said = " ".join(whole.split())
    ours = catalogue(Language(language))
    assert said.count(" ".join(ours["click.usage"].split())) > 20 and ours["click.help"] in said
    english = [word for word in ENGLISH if word in said and word not in ("Options:",)]
    assert english == [] and ("Options:" not in said or language == "fr")
    before, _, switches = whole.partition(f"{ours['said.switches']}:")
    assert [text for text in before.split("\n\n") if english_in(text)] == []
    assert ours["click.usage"] not in switches  # the sandbox comes last; its switches speak English to engineers
    shapes = chapter(Language.EN, "metavar").items()
    foreign = {shape for key, shape in shapes if ours[key] != shape and re.search(rf"\b{shape}\b", said)}
    assert foreign == set()
    same = {text for key, text in ours.items() if key.startswith(("help.", "get-help."))}
    theirs = {text for key, text in catalogue(Language.EN).items() if key.startswith(("help.", "get-help."))} - same
    assert {text for text in theirs if len(text) > 20 and " ".join(text.split()) in said} == set()


WRONG = {
    "rn": "No existe el comando 'rn'.",
    "run": "Falta el argumento 'RUTA...'",
    "runs --nothing": "No existe la opción",
    "runs --page": "La opción '--page' necesita un valor.",
    "runs --page 0": "Valor no válido de '--page': 0 no está en el intervalo x>=1.",
    "runs a b": "Sobra un argumento (b)",
    "audit --period june": "june no es un periodo contable: año, un cero, mes, como 2018006.",
    "check a.xlsx --out ' '": "El nombre de la carpeta está vacío.",
}
"""Wrong commands and what is said of them."""

EVERY_WRONG_COMMAND = f"""
import contextlib, io, json, shlex
from importer.cli import exit_code_of_command

found = {{}}
for words in {list(WRONG)!r}:
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = exit_code_of_command(shlex.split(words))
    found[words] = [code, said.getvalue()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Exit code and sentence of each wrong command, by a process whose language is Spanish."""
    home = os.environ | home_in(tmp_path_factory.mktemp("wrong")) | {"IMPORTER_LANG": "es"}
    words = [sys.executable, "-c", EVERY_WRONG_COMMAND]
    found: dict[str, tuple[int, str]] = json.loads(subprocess.check_output(words, cwd=ROOT, encoding="utf-8", env=home))
    return found


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_is_told_in_spanish(words: str, answers: dict[str, tuple[int, str]]) -> None:
    code, said = answers[words]
    assert code == 2 and WRONG[words] in said
    assert [word for word in ENGLISH if word in said] == []


def test_the_list_of_commands_is_what_the_commands_say_of_themselves() -> None:
    context = click.Context(importer)
    ours, clicks = context.make_formatter(), context.make_formatter()
    importer.format_commands(context, ours)
    click.Group.format_commands(importer, context, clicks)
    assert ours.getvalue() == clicks.getvalue() != ""
