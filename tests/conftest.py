"""What holds for every test."""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from compileall import compile_file
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from importer.sandbox import Sandbox

# No deadline: a property is about what is true, not about how fast this machine is just now.
# Other examples are drawn in each run, so that a few of them do; `--hypothesis-profile=many` draws a thousand.
_PROFILE = settings(max_examples=16, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("importer", _PROFILE)
settings.register_profile("many", _PROFILE, max_examples=1000)
settings.load_profile("importer")

HOMES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three workers for two processors: some of a test is waiting, for a service that is slow on purpose or a ledger
    that lags, and each worker collects all tests. The long tests keep the processors busy by themselves."""
    processors = os.cpu_count() or 1
    return processors if config.option.markexpr == "long" else (3 * processors + 1) // 2


def pytest_configure(config: pytest.Config) -> None:
    """No test writes into the tester's own folders; compiled templates are shared by all tests."""
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in the background deaf to Ctrl-C, and so would be every program that a test starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Compiled modules are written even where the environment says otherwise (as container images do): the tests start
    # the program a few hundred times, and each of them would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    folder = tempfile.TemporaryDirectory(prefix="importer-tests-", ignore_cleanup_errors=True)
    os.environ.update(dict.fromkeys(HOMES, folder.name))
    config.add_cleanup(folder.cleanup)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Each worker compiles its share of the package and of the tests first, so that not each of them compiles all:
    pytest adds to every assertion what it says when it fails, which takes as long as all the rest of collecting."""
    worker: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not worker:
        return
    tests = Path(__file__).parent
    files = sorted(tests.rglob("test_*.py"))
    plain = sorted({*tests.with_name("importer").rglob("*.py"), *tests.rglob("*.py")} - set(files))
    first, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for path in plain[first::count]:
        compile_file(path, quiet=2)
    for path in files[first::count]:
        with suppress(Exception, pytest.skip.Exception):  # told when it is collected
            import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Drawing a text for the first time takes hypothesis seconds, to find which characters there are; it keeps them in
    `.hypothesis`. While workers collect the tests their controller does it once for all."""
    if session.config.getoption("numprocesses"):
        _any_text()


@pytest.fixture
def sandbox() -> "Iterator[Sandbox]":
    """A practice company of the test's own: it begins in eight milliseconds."""
    from importer.sandbox import running

    with running() as sandbox:
        yield sandbox


@settings(max_examples=1, database=None)
@given(st.text(max_size=1))
def _any_text(text: str) -> None:
    pass


def pytest_collection_finish() -> None:
    """What was collected lives as long as the process: the garbage collector need not look through it all day, nor
    while it is collected (`pytest_configure`)."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
