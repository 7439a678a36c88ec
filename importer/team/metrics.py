"""The figures that a worker serves to Prometheus: submissions, journals and notices by state, the age of the oldest
doubt, the workers that are alive. Labels are states and the numbers of profiles: nothing names a company, a user, a
file or a journal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from importer.errors import SetupError
from importer.store.copies import journals_in
from importer.store.database import Database
from importer.store.leases import workers_in
from importer.store.notices import count_notices
from importer.store.submissions import SubmissionState, count_submissions
from importer.translations import Language, say

try:
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.core import GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector
except ImportError as error:
    raise SetupError("team-missing", detail=str(error)) from error

OTHERS = "other"
"""The label of a profile that this machine does not have."""


class _Office(Collector):
    """Reads the store at each scrape."""

    def __init__(self, store: str, profiles: Sequence[str], language: Language) -> None:
        self._store = store
        self._labels = {profile: str(number) for number, profile in enumerate(profiles)}
        self._language = language

    def collect(self) -> Iterable[Metric]:
        """The figures of this moment; without the store only that it is away."""
        try:
            with Database(self._store) as database:
                with database.reading() as connection:
                    journals = journals_in(connection, with_practice=False)
                found = [
                    self._gauge("submissions", "submissions", self._submissions(database), "profile", "state"),
                    self._gauge("journals", "journals", _by_state(journals.by_state), "state"),
                    self._gauge("oldest_doubt_seconds", "oldest-doubt", {(): journals.doubt_seconds}),
                    self._gauge("workers", "workers", {(): len(workers_in(database))}),
                    self._gauge("notices", "notices", _by_state(count_notices(database)), "state"),
                ]
        except SetupError:
            return [self._gauge("store_up", "store", {(): 0})]
        return [self._gauge("store_up", "store", {(): 1}), *found]

    def _gauge(self, name: str, text: str, values: Mapping[tuple[str, ...], float], *labels: str) -> Metric:
        gauge = GaugeMetricFamily(f"importer_{name}", say(self._language, f"metrics.{text}"), labels=labels)
        for place, value in values.items():
            gauge.add_metric(place, value)
        return gauge

    def _submissions(self, database: Database) -> dict[tuple[str, ...], float]:
        counts = Counter[tuple[str, ...]]()
        for (profile, state), count in count_submissions(database).items():
            counts[self._labels.get(profile, OTHERS), state.value] += count
        every = ((label, state.value) for label in self._labels.values() for state in SubmissionState)
        return {place: counts[place] for place in (*every, *counts)}


def _by_state(counts: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(state,): count for state, count in counts.items()}


@contextmanager
def metrics_at(host: str, port: int, store: str, profiles: Sequence[str], language: Language) -> Iterator[int]:
    """Serves the figures of the store at the address `store` over HTTP at `host` and `port` (0: a free one) until the
    block ends; gives the port. The label of a profile is its place in `profiles`; help texts are in `language`. Raises
    SetupError when the port cannot be used."""
    registry = CollectorRegistry()
    registry.register(_Office(store, profiles, language))
    try:
        server, thread = start_http_server(port, host, registry)
    except (OSError, OverflowError) as error:
        facts = {"port": f"{host}:{port}", "detail": getattr(error, "strerror", None) or str(error)}
        raise SetupError("metrics-port", **facts) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
