"""The table of resources: complete, named as a person would guess, and worded in every language."""

import re

import pytest

from importer.cli import options
from importer.lookups import stamps
from importer.lookups.resources import RESOURCES
from importer.lookups.tables import FilterKind, Resource
from importer.report.tables import name_of_sheet
from importer.services.operations import OPERATIONS
from importer.translations import Language, catalogue
from tests.lookups.cases import CASES

BY_OTHER_COMMANDS = {"login", "print_journal"}
"""Operations that change no books and are no looking up."""

each_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)


def test_every_read_of_both_services_can_be_asked_for() -> None:
    asked = [resource.operation for resource in RESOURCES.values()] + [*stamps.OPERATIONS]
    reads = {name for name, operation in OPERATIONS.items() if not operation.is_write}
    assert sorted(asked) == sorted(reads - BY_OTHER_COMMANDS)


def test_nothing_that_can_be_asked_for_changes_anything() -> None:
    assert not [one for one in RESOURCES.values() if OPERATIONS[one.operation].is_write]


def test_every_resource_has_a_question_in_the_tests() -> None:
    assert list(CASES) == list(RESOURCES)


def test_no_name_means_two_resources() -> None:
    names = [name for resource in RESOURCES.values() for name in (resource.name, *resource.also)]
    assert len(set(names)) == len(names)


@each_resource
def test_a_resource_is_worded_in_every_language(resource: Resource) -> None:
    keys = {f"lookups.help.{resource.key}", f"lookups.title.{resource.key}"}
    keys |= {column.heading_key for column in resource.columns} | {one.help_key for one in resource.filters}
    keys |= {f"lookups.caution.{resource.key}"} if resource.has_caution else set()
    for language in Language:
        assert keys <= set(catalogue(language))
        title = catalogue(language)[f"lookups.title.{resource.key}"]
        assert name_of_sheet(title) == title


@each_resource
def test_members_of_json_are_plain_words_and_each_means_one_thing(resource: Resource) -> None:
    members = [column.name for column in resource.columns]
    assert len(set(members)) == len(members)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", member) for member in members)


def test_no_words_of_the_catalogue_are_left_over() -> None:
    used = {key for one in RESOURCES.values() for key in (one.key,)}
    headings = {column.heading_key for one in RESOURCES.values() for column in one.columns}
    filters = {given.help_key for one in RESOURCES.values() for given in one.filters}
    for key in catalogue(Language.EN):
        if re.match(r"lookups\.(help|title|caution)\.", key):
            assert key.split(".")[2] in used
        if key.startswith("lookups.heading."):
            assert key in headings
        if key.startswith("lookups.filter."):
            assert key in filters


def test_every_kind_of_filter_can_be_read_from_the_command_line() -> None:
    for kind in FilterKind:
        assert kind is FilterKind.SWITCH or kind in options.TYPES
