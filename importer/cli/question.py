"""A question that is answered by yes or no, in the language that it is asked in."""

import click

from importer.language import Language, say


def says_yes(question: str, language: Language) -> bool:
    """Asks on standard error until there is an answer; none is no. The English words are taken in every language:
    people have them in their fingers. Raises click.Abort at Ctrl-C and at the end of the input."""
    answers = {"": False, "n": False, "no": False, "y": True, "yes": True}
    for key, meaning in (("said.words-of-yes", True), ("said.words-of-no", False)):
        answers |= dict.fromkeys(say(language, key).split(), meaning)
    suffix = f" [{say(language, 'said.yes-or-no')}]: "
    while True:
        answer = click.prompt(question, default="", show_default=False, prompt_suffix=suffix, err=True)
        meant = answers.get(str(answer).strip().casefold())
        if meant is not None:
            return meant
        click.echo(say(language, "said.answer-yes-or-no"), err=True)
