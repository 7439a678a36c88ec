"""A keeper of evidence that can be full."""

from importer.errors import SetupError
from importer.post.records import RecordOutcome, RecordToSend


class Kept(list[tuple[RecordToSend, RecordOutcome | None]]):
    """Keeps the evidence in memory; refuses from the `most`th on."""

    most = 1000

    def __call__(self, record: RecordToSend, outcome: RecordOutcome | None) -> None:
        if len(self) >= self.most:
            raise SetupError("store", store="x", detail="full")
        self.append((record, outcome))
