"""The settling time is longer than any request may take."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.settings import read_settings


@pytest.mark.parametrize(
    ("environment", "settle"),
    [
        ({}, 900),
        ({"IMPORTER_TIMEOUT": "3600"}, 5400),
        ({"IMPORTER_SETTLE": "5", "IMPORTER_TIMEOUT": "120"}, 180),
        ({"IMPORTER_SETTLE": "500", "IMPORTER_TIMEOUT": "120"}, 500),
    ],
)
def test_nothing_settles_while_its_request_may_be_under_way(
    environment: Mapping[str, str], settle: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}, {"SPX_PASSWORD": "x", **environment}).settle == settle
