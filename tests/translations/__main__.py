"""`python -m tests.translations` writes the catalogues of click's words anew."""

from tests.translations.click_words import CATALOGUES, content_of

for language, file in CATALOGUES.items():
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content_of(language))
