"""Answers get lost in every way there is, and each journal is in the ledger exactly once all the same."""

from collections import Counter
from pathlib import Path

import pytest

from tests.cli.batches import assert_all_is_well, batch, explained, hurried, resumed_until_done
from tests.cli.commands import importer
from tests.fates import FATES_OF_POSTINGS, Fate
from tests.faulty_service import faulty_service


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_journals_get_through_chance_faults(tmp_path: Path, seed: int) -> None:
    upload = batch(tmp_path, 30, twins=4)
    beyond = 201 if seed % 2 else 200
    with faulty_service(seed=seed, rate=0.43, read_rate=0.1, lag=0.2, late=0.3, beyond=beyond) as service:
        settings = hurried(service, tmp_path)
        first = importer("run", "june.xlsx", "--json", "--yes", folder=tmp_path, **settings)
        endings = resumed_until_done(first, tmp_path, settings)
        assert endings[-1].code == 0, explained(endings, service)
        assert len(service.played) > 7
        service.rate = service.read_rate = service.lag = 0.0
        assert_all_is_well(service, upload, tmp_path, settings)


def test_every_fate_of_a_first_sending_ends_well(tmp_path: Path) -> None:
    upload = batch(tmp_path, len(FATES_OF_POSTINGS))
    fates = {f"REF-{number}": fate for number, fate in enumerate(FATES_OF_POSTINGS)}
    with faulty_service(script=dict(fates)) as service:
        settings = hurried(service, tmp_path)
        first = importer("run", "june.xlsx", "--json", "--yes", folder=tmp_path, **settings)
        endings = resumed_until_done(first, tmp_path, settings)
        assert endings[-1].code == 0, explained(endings, service)
        assert service.script == {}
        sent_again = sum(not fate.committed for fate in fates.values())
        assert service.arrived["post_journal"] == len(fates) + sent_again
        assert_all_is_well(service, upload, tmp_path, settings)


def test_a_look_alike_holds_a_lost_journal_for_a_person(tmp_path: Path) -> None:
    """It is not in the ledger, but something is that a person may have posted in its place."""
    upload = batch(tmp_path, 2)
    with faulty_service(others=False, script={"REF-1": Fate("look-alike")}) as service:
        settings = hurried(service, tmp_path)
        first = importer("run", "june.xlsx", "--json", "--yes", folder=tmp_path, **settings)
        assert first.code == 4, explained([first], service)
        held = [one for one in first.result["documents"] if one["status"] == "unknown"]
        assert [one["key"] for one in held] == ["J1"]
        assert service.posted == Counter({"REF-0": 1})
        again = importer("resume", "--send", "J1", "--json", "--yes", folder=tmp_path, **settings)
        assert again.code == 0, explained([first, again], service)
        assert service.posted == upload.wanted
