"""The committed workbooks, by their path in the project: what the code writes and what stands there must be equal."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from importer.templates.forms import ADDRESSES, DIMENSIONS, FORMS, JOURNALS, Form
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.samples.june import june
from tests.samples.mistakes import BY_SIDES, MISTAKES
from tests.samples.records import Rows, addresses, all_in_one, dimensions
from tests.samples.weeks import bookstore, by_sides, junio
from tests.templates.practice import template_of


class Good(NamedTuple):
    """A sample without a mistake: its forms in the order of their sheets, and the rows of each."""

    forms: Sequence[Form]
    rows: Rows
    language: Language = Language.EN

    def workbook(self, file: str) -> bytes:
        """The workbook, whose file has that name."""
        return workbook_of(self.forms, self.language, self.rows, file=file)


def journals_june_mistakes() -> bytes:
    """The same month with a mistake of each kind."""
    return _mistaken("journals-june-mistakes")


def _mistaken(name: str) -> bytes:
    return MISTAKES[name]().workbook(f"{name}.xlsx")


def _templates() -> dict[str, Callable[[], bytes]]:
    """Each form in each language; the English ones have no language in their names."""
    names = {
        f"{form.name}{'' if language is Language.EN else f'.{language}'}.xlsx": (form, language)
        for form in FORMS
        for language in Language
    }
    return {f"templates/{name}": partial(template_of, *one, file=name) for name, one in names.items()}


GOOD: Mapping[str, Good] = {
    "journals-june": Good([JOURNALS], {"journals": june()}),
    "journals-june-es": Good([JOURNALS], {"journals": junio()}, Language.ES),
    "debit-credit": Good([BY_SIDES], {"journals": by_sides(bookstore())}),
    "dimensions": Good([DIMENSIONS], {"dimensions": dimensions()}),
    "addresses": Good([ADDRESSES], {"addresses": addresses()}),
    "all-in-one": Good([JOURNALS, DIMENSIONS, ADDRESSES], all_in_one()),
}
"""By the name of the workbook in `samples`."""

WORKBOOKS: Mapping[str, Callable[[], bytes]] = {
    **_templates(),
    **{f"samples/{name}.xlsx": partial(good.workbook, f"{name}.xlsx") for name, good in GOOD.items()},
    **{f"samples/{name}.xlsx": partial(_mistaken, name) for name in MISTAKES},
}
