"""One running sandbox for each module of tests, with its switches put back after each test."""

from collections.abc import Iterator

import pytest

from importer.sandbox import Sandbox, Switches, running
from tests.sandbox.caller import Caller, calling


@pytest.fixture(scope="module")
def module_sandbox() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def module_caller(module_sandbox: Sandbox) -> Iterator[Caller]:
    with calling(module_sandbox.address) as caller:
        yield caller


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Iterator[Sandbox]:
    yield module_sandbox
    module_sandbox.service.switches = Switches()


@pytest.fixture
def caller(sandbox: Sandbox, module_caller: Caller) -> Caller:
    """A logged-in client of the module's sandbox; `sandbox` is asked for so that switches go back."""
    return module_caller
