"""Tables on a terminal: never wider than it, the most important columns first, and nothing left out in silence."""

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from importer.report.tables import Table, Value
from importer.report.terminal import print_table, print_tree

ROWS: list[list[Value]] = [
    ["101110", "General Cash", Decimal("18630.10"), None, "a long description " * 5],
    ["101120", "Petty Cash", Decimal("-0.05"), "", "x"],
]
TABLE = Table("Accounts", ("Code", "Name", "Amount", "Empty", "Description"), ROWS)


def printed(table: Table, width: int) -> tuple[list[str], tuple[str, ...]]:
    target = io.StringIO()
    left_out = print_table(table, Console(file=target, width=width))
    return target.getvalue().splitlines(), left_out


def test_a_table_with_room_shows_all_but_empty_columns() -> None:
    lines, left_out = printed(TABLE, 200)
    assert lines[0].split() == ["Code", "Name", "Amount", "Description"] and left_out == ()
    assert lines[1].split()[:4] == ["101110", "General", "Cash", "18630.10"]


def test_columns_without_room_are_left_out_from_the_end_and_named() -> None:
    lines, left_out = printed(TABLE, 40)
    assert left_out == ("Description",) and lines[1].rstrip().endswith("18630.10")
    assert printed(TABLE, 5)[1] == ("Name", "Amount", "Description")


def test_amounts_stand_to_the_right_and_are_never_folded() -> None:
    lines, _ = printed(TABLE, 62)
    assert lines[1].index("18630.10") + len("18630.10") == next(
        line.index("-0.05") + len("-0.05") for line in lines if "-0.05" in line
    )


def test_a_single_row_without_room_stands_as_a_list() -> None:
    lines, left_out = printed(Table("x", TABLE.headings, ROWS[:1]), 40)
    assert left_out == () and [line.split()[0] for line in lines[:3]] == ["Code", "Name", "Amount"]
    assert "".join(lines).count("description") == 5


@given(
    st.lists(st.lists(st.text(max_size=60), min_size=4, max_size=4), max_size=4),
    st.integers(min_value=20, max_value=90),
)
def test_no_line_is_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    lines, _ = printed(Table("x", ("a", "b", "c", "d"), rows), width)
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "\x9b2J", "a\rb", "\u202eabc"])
def test_a_tree_and_a_table_show_no_control_sequence(text: str) -> None:
    target = io.StringIO()
    console = Console(file=target, width=60)
    print_tree([(0, text), (1, text), (0, "next")], console)
    print_table(Table("x", (text,), [[text]]), console)
    assert target.getvalue().replace("\n", "").isprintable()


def test_a_tree_hangs_its_branches() -> None:
    target = io.StringIO()
    print_tree([(0, "A"), (1, "B"), (2, "C"), (1, "D"), (0, "E")], Console(file=target, width=60))
    assert target.getvalue().splitlines() == ["A", "├── B", "│   └── C", "└── D", "E"]
