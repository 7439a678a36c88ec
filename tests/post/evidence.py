"""A keeper of evidence that can be full."""

from importer.errors import SetupError
from importer.post.records import Evidence


class Kept(list[Evidence]):
    """Keeps the evidence in memory; refuses from the `most`th on."""

    most = 1000

    def keep(self, evidence: Evidence) -> None:
        if len(self) >= self.most:
            raise SetupError("store", store="x", detail="full")
        self.append(evidence)
