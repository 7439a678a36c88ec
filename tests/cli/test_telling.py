"""What came of a run is told, whatever goes wrong with the workbooks to mend."""

from pathlib import Path

import pytest

from importer.cli.telling import reported
from importer.cli.terminal import Terminal
from importer.errors import SetupError
from importer.language import Language
from importer.model.results import Result
from importer.model.sheets import Workbook
from importer.run.story import Ran
from importer.settings import read_settings
from tests.report.stories import FILE, good_run


@pytest.mark.parametrize("failure", [SetupError("report", folder="f", detail="d"), RuntimeError("a mistake of ours")])
def test_a_workbook_that_cannot_be_written_hides_no_report(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def mending(*_: object) -> Path | None:
        raise failure

    ran = Ran(good_run(), is_remembered=False, workbooks=[Workbook(FILE, None)])
    settings = read_settings({"reports": str(tmp_path)}, {}, lambda _: None)
    with Terminal(Language.EN, speaks_on_stderr=True, asks=False) as terminal:
        told: Result = reported(ran, settings, terminal, mending)
    assert told.report is not None and Path(told.report).exists()
    assert told.exit_code == 3 and told.corrections == () and capsys.readouterr().err
