"""What the README says of the operations is what the code does."""

import pytest

from importer.services.operations import OPERATIONS
from tests.readme.operations import README, command_of, table, with_table


def test_the_readme_has_the_table_that_the_code_makes() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text, "python -m tests.readme writes it anew"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_can_be_done_from_the_command_line(name: str) -> None:
    assert command_of(name)


def test_the_table_has_a_row_for_each_operation() -> None:
    assert len(table().splitlines()) == len(OPERATIONS) + 2 == 40


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="operations"):
        with_table("no markers")
