"""What settings say together: the settling time is longer than a request, a ledger's name goes with its address."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.errors import SetupError
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


def test_the_name_of_a_ledger_stands_in_the_file_beside_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is named above the profiles is not what a profile with an address of its own leads to."""
    monkeypatch.chdir(tmp_path)
    text = 'url = "https://real.example"\ninstallation = " REAL "\n[profile.user]\nuserid = "eva"\n'
    text += '[profile.test]\nurl = "https://test.example"\n'
    text += '[profile.school]\nurl = "https://test.example"\ninstallation = "SCHOOL"\n'
    (tmp_path / "importer.toml").write_text(text, encoding="utf-8")
    names = {None: "REAL", "user": "REAL", "test": None, "school": "SCHOOL"}
    for profile, name in names.items():
        assert read_settings({"profile": profile}, {"SPX_PASSWORD": "x"}).installation == name
    (tmp_path / "importer.toml").write_text('installation = "RE\\u0007AL"\n', encoding="utf-8")
    with pytest.raises(SetupError, match="bad-setting"):
        read_settings({}, {"SPX_PASSWORD": "x"})
