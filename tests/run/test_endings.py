"""The exit code of a run."""

from importer.errors import Declined, Interrupted, RequestRefused
from importer.run.endings import INTERRUPTED, STOPPED, exit_code_of


def test_a_run_is_never_ended_as_a_wrong_command_line() -> None:
    refused = RequestRefused("journal", "positive")
    assert refused.exit_code == 2
    assert exit_code_of((), (), refused) == exit_code_of((), (), Declined("declined")) == STOPPED
    assert exit_code_of((), (), Interrupted("interrupted")) == INTERRUPTED
