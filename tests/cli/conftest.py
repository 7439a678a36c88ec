"""What holds for every test of a command in this process, and the practice company that is only read."""

from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.cli.asking import Ask, asking, environment_of


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried again at once; the pauses themselves: `tests/services/test_retry.py`."""
    monkeypatch.setattr("importer.services.session.REQUEST_PAUSES", (0.01, 0.03))
    monkeypatch.setattr("importer.post.send.POST_PAUSES", (0.01, 0.02, 0.04, 0.08))


@pytest.fixture
def _short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that does not show what it has is read again at once: it will not show it later either."""
    monkeypatch.setattr("importer.post.ledger_checks.FRESH_PAUSES", (0.01, 0.04, 0.1))
    monkeypatch.setattr("importer.post.ledger_checks.HIDING_PAUSES", (0.01,))
    monkeypatch.setattr("importer.post.verification.HASTY_SECONDS", 1.0)


@pytest.fixture
def ask(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Ask:
    return asking(environment_of(sandbox), tmp_path, monkeypatch, capsysbinary)
