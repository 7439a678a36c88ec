"""The command line speaks the user's language in every word, click's own too."""

import json
import os
import re
import subprocess
import sys

import click
import pytest

from importer.cli import importer
from importer.translations import Language, catalogue, chapter
from tests.cli.commands import ROOT, home_in
from tests.translations.click_words import CATALOGUES, content_of
from tests.translations.english import english_in

EVERY_HELP = """
import sys
sys.argv[1:] = ["--lang", "{language}"]
import click
from importer.cli import COMMANDS, importer

def show(command, context):
    print(command.get_help(context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            show(one, click.Context(one, info_name=name, parent=context))

show(importer, click.Context(importer, info_name="importer"))
"""
ENGLISH = ("Usage", "Options:", "Commands:", "Show ", "exit.", "Try ", "Missing", "No such", "Invalid", " for help")


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_catalogue_that_click_reads_is_made_of_ours(language: Language) -> None:
    assert CATALOGUES[language].read_bytes() == content_of(language), "python -m tests.translations"


@pytest.mark.parametrize("language", ["es", "fr"])
def test_no_help_has_a_word_of_english(language: str) -> None:
    program = EVERY_HELP.format(language=language)
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    said = " ".join(ended.stdout.split())
    ours = catalogue(Language(language))
    assert said.count(" ".join(ours["click.usage"].split())) > 20 and ours["click.help"] in said
    english = [word for word in ENGLISH if word in said and word not in ("Options:",)]
    assert english == [] and ("Options:" not in said or language == "fr")
    before, _, switches = ended.stdout.partition(f"{ours['said.switches']}:")
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
}
"""Wrong commands and what is said of them."""

EVERY_WRONG_COMMAND = f"""
import contextlib, io, json
from importer.cli import exit_code_of_command

found = {{}}
for words in {list(WRONG)!r}:
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = exit_code_of_command(words.split())
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
