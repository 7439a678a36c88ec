"""The tree of companies: parents first, and an end to cycles."""

from importer.services.sunplusxtra.genealogy import Kinship, RelatedCompany, tree_of


def company(number: int) -> RelatedCompany:
    return RelatedCompany(number, f"Company {number}", "", "company", None)


def shape_of(*pairs: tuple[int, int]) -> list[tuple[int, int, bool]]:
    branches = tree_of(Kinship(company(parent), company(child)) for parent, child in pairs)
    return [(branch.company.id, branch.depth, branch.is_repeated) for branch in branches]


def test_a_tree_shows_parents_before_children_in_the_order_of_the_rows() -> None:
    assert shape_of((1, 3), (1, 2), (3, 4), (1, 3)) == [
        (1, 0, False),
        (3, 1, False),
        (4, 2, False),
        (2, 1, False),
    ]


def test_a_company_with_two_parents_unfolds_once() -> None:
    assert shape_of((1, 3), (2, 3), (3, 4)) == [
        (1, 0, False),
        (3, 1, False),
        (4, 2, False),
        (2, 0, False),
        (3, 1, True),
    ]


def test_cycles_end() -> None:
    assert shape_of((1, 1)) == [(1, 0, False), (1, 1, True)]
    assert shape_of((2, 1), (1, 2)) == [(2, 0, False), (1, 1, False), (2, 2, True)]
    assert shape_of((5, 6), (2, 1), (1, 2))[:2] == [(5, 0, False), (6, 1, False)]
    deep = shape_of(*((number, number + 1) for number in range(5_000)))
    assert deep[-1] == (5_000, 5_000, False)
