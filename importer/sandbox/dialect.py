"""Two ways of speaking the same service: the document's, and the one a public client of the live service uses."""

from enum import StrEnum


class Dialect(StrEnum):
    """The differences of `LIVE` are those that the client `spx-connect` shows; everything else is the document's."""

    DOCUMENT = "document"
    LIVE = "live"

    @property
    def base_path(self) -> str:
        """What stands before every path of SunPlusXtra; Sovos keeps its own paths."""
        return "/api/spxtra" if self is Dialect.LIVE else ""

    @property
    def token_scheme(self) -> str:
        """What stands before the token, letter by letter: the document says `bearer`; the framework of the live service
        knew `Bearer` alone for years."""
        return "Bearer" if self is Dialect.LIVE else "bearer"
