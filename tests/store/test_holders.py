"""Who holds a company, told from others whatever happens to the clock."""

import os
import platform
import sys
from dataclasses import replace

import psutil
import pytest

from importer.store.leases import Holder, this_process


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only a time can be told")
def test_a_clock_that_is_set_anew_kills_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    me = this_process("Ana")
    told = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: told(process) + 2)
    assert not me.is_dead
    assert replace(me, born=me.born - 1).is_dead  # its number was given to another process since


def test_a_holder_that_an_older_version_wrote_down_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    older = Holder("Ana", platform.node(), os.getpid(), psutil.Process().create_time())
    assert not older.is_dead
    assert replace(older, born=older.born - 100).is_dead


def test_what_tells_a_process_survives_the_store() -> None:
    born = this_process("Ana").born
    assert float(int(born)) == born or born > 0
    assert born + 1 != born
