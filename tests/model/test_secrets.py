"""Secrets are taken out of texts in every spelling, and nothing else is."""

import pytest

from importer.model.secrets import Masking, Secret
from tests.spelled_secrets import spellings_of

PASSWORD = 'Ünä pä"ss\\wörd/😀+&'
TOKEN = "02159b90783688f77a116fd52b4beb657626f5e79e7fa775f6f0fb28725d62d7"


def masking_of(*texts: str, token: str = "") -> Masking:
    masking = Masking()
    for text in texts:
        masking.add(Secret(text))
    masking.add(Secret(token), is_token=True)
    return masking


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, "clave-ñ", "IAS930628FA8"])
def test_a_secret_is_masked_in_every_spelling(secret: str) -> None:
    masking = masking_of(secret)
    for spelling in spellings_of(secret):
        shown = masking(f"You sent {spelling}, sorry")
        assert shown.startswith("You sent ") and shown.endswith(", sorry") and "***" in shown
        # Of Base64 within more, the digits at the ends belong to its neighbours too.
        assert len(shown) <= len("You sent ***, sorry") + 24 and spelling not in shown


def test_a_short_secret_is_masked_as_a_whole_word_alone() -> None:
    masking = masking_of("2018", "ñu")
    assert masking("2018006, 12018 and 2018; ñu, ñus, MjAxOA==") == "2018006, 12018 and ***; ***, ñus, ***"


def test_a_token_is_masked_wherever_it_stands() -> None:
    assert masking_of(token="tok-1")("Bearerstok-12") == "Bearers***2"


def test_all_that_were_given_are_masked_the_longest_first_until_they_are_forgotten() -> None:
    masking = masking_of("secret-one", "secret-one-and-more")
    assert masking("secret-one secret-one-and-more") == "*** ***"
    masking.add(Secret("secret-two"))
    assert masking("secret-one secret-two") == "*** ***"
    masking.add(None)
    masking.add(Secret(""))
    masking.forget()
    assert masking("secret-one secret-two") == "secret-one secret-two"


def test_other_texts_stay_as_they_are() -> None:
    masking = masking_of(PASSWORD, TOKEN, "2018")
    for text in ("", "Account 642198 needs Fund in 2018006: 12,018.00", "%25 \\\\u00 &amp; ???", "Póliza ñandú"):
        assert masking(text) == text
