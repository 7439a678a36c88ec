"""The state of a posting has one writer: its own file."""

import ast
from pathlib import Path

import importer

ROOT = Path(importer.__file__).parent
HOME = ROOT / "post" / "posting_state.py"
STATE = {
    *(
        "state",
        "sent_this_run",
        "unknown_sends",
        "denials",
        "in_doubt_since",
        "doubted_at",
        "was_posted",
        "was_refused",
    ),
    *("journal_number", "voucher_number", "is_gone", "recovered", "preexisting_matches", "attempts"),
}
ROOMS = ("post", "run", "cli")


def test_only_the_methods_of_a_posting_change_its_state() -> None:
    writers = [
        f"{file.relative_to(ROOT)}:{node.lineno} {attribute.attr}"
        for room in ROOMS
        for file in (ROOT / room).glob("*.py")
        if file != HOME
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for attribute in ast.walk(target)
        if isinstance(attribute, ast.Attribute) and attribute.attr in STATE and ast.unparse(attribute.value) != "self"
    ]
    assert writers == []


def test_the_diagram_names_every_method_that_changes_the_state() -> None:
    tree = ast.parse(HOME.read_text(encoding="utf-8"))
    (posting,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Posting")
    changing = {
        method.name
        for method in posting.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in ("state", "is_gone")
    }
    diagram = ast.get_docstring(tree) or ""
    assert {name for name in changing - {"compared"} if name not in diagram} == set()
    assert len(changing) >= 8
