"""The client's table of operations says what the contracts say, and what people read is in the contract's words."""

import re
from pathlib import Path

import pytest

import importer.services
from importer.services import meanings
from importer.services.operations import OPERATIONS
from importer.services.sunplusxtra.file_kinds import FileFault
from importer.translations import Language, catalogue, say
from tests.contract.schemas import CONTRACTS, operation, operation_ids
from tests.services.contract_mock import words_of
from tests.services.request_judge import node_of

EVERY_OPERATION = [name for contract in CONTRACTS for name in operation_ids(contract)]


def test_all_operations_of_both_contracts_are_there() -> None:
    assert sorted(OPERATIONS) == sorted(EVERY_OPERATION) and len(OPERATIONS) == 38


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_a_row_says_what_the_contract_says(name: str) -> None:
    row, found, node = OPERATIONS[name], operation(name), node_of(name)
    assert (row.method, row.path) == (found.method, re.sub(r"\{[^}]*\}", "{}", found.path))
    assert row.is_write == (node["x-effect"] == "write")
    outcomes = {code: outcome for code, outcome in node.get("x-outcome", {}).items() if code != "no_answer"}
    undone = {code for code, outcome in outcomes.items() if outcome == "not_applied"}
    assert row.not_applied == undone
    assert row.not_applied_with_lines == {code for code in outcomes if outcomes[code] == "not_applied_if_linesError"}
    assert row.repeats_harmlessly == (node.get("x-repeat") == "harmless")


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_words_of_a_failure_are_the_contracts(name: str) -> None:
    said = {code: say(Language.EN, f"meaning.{meaning}") for code, meaning in OPERATIONS[name].codes.items()}
    assert {code: f"{words[0].upper()}{words[1:]}." for code, words in said.items()} == words_of(name)


@pytest.mark.parametrize("language", Language)
def test_every_meaning_has_words_and_no_words_are_left_over(language: Language) -> None:
    worded = {key.removeprefix("meaning.") for key in catalogue(language) if key.startswith("meaning.")}
    used = {meaning for row in OPERATIONS.values() for meaning in row.codes.values()}
    assert worded == used <= {value for value in vars(meanings).values() if isinstance(value, str)}


def test_every_argument_and_expectation_of_a_refusal_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(importer.services.__path__[0]).rglob("*.py"))
    refused = re.findall(r'RequestRefused\(\s*(?:argument|"([a-z-]+)"),\s*"([a-z-]+)"', source)
    checks = "text|filled_text|path_text|number|dimension|period"
    checked = re.findall(rf'\b(?:{checks})\(\s*"([a-z-]+)"', source)
    arguments = {name for name, _ in refused if name and name != "file"} | set(checked)
    expected = {expectation for _, expectation in refused} | {fault.value for fault in FileFault}
    assert len(arguments) > 30 and len(expected) > 15
    assert arguments == {key.split(".")[1] for key in catalogue(Language.EN) if key.startswith("argument.")}
    assert expected <= {key.split(".")[1] for key in catalogue(Language.EN) if key.startswith("limits.")}
