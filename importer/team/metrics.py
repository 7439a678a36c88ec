"""The figures that a worker serves to Prometheus: submissions, journals and notices by state, the age of the oldest
doubt, the workers that are alive. Labels are states and the numbers of profiles: nothing names a company, a user, a
file or a journal."""

from collections.abc import Iterable, Iterator, Sequence
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
        is_up = self._gauge("importer_store_up", "store")
        try:
            with Database(self._store) as database:
                found = [self._submissions(database), *self._journals(database), self._workers(database)]
                found.append(self._notices(database))
        except SetupError:
            is_up.add_metric([], 0)
            return [is_up]
        is_up.add_metric([], 1)
        return [is_up, *found]

    def _gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> GaugeMetricFamily:
        return GaugeMetricFamily(name, say(self._language, f"metrics.{text}"), labels=labels)

    def _submissions(self, database: Database) -> Metric:
        counts = {(label, state.value): 0 for label in self._labels.values() for state in SubmissionState}
        for (profile, state), count in count_submissions(database).items():
            place = self._labels.get(profile, OTHERS), state.value
            counts[place] = counts.get(place, 0) + count
        gauge = self._gauge("importer_submissions", "submissions", ["profile", "state"])
        for place, count in counts.items():
            gauge.add_metric(place, count)
        return gauge

    def _journals(self, database: Database) -> Iterator[Metric]:
        with database.reading() as connection:
            journals = journals_in(connection, with_practice=False)
        gauge = self._gauge("importer_journals", "journals", ["state"])
        for state, count in journals.by_state.items():
            gauge.add_metric([state], count)
        yield gauge
        oldest = self._gauge("importer_oldest_doubt_seconds", "oldest-doubt")
        oldest.add_metric([], journals.doubt_seconds)
        yield oldest

    def _notices(self, database: Database) -> Metric:
        gauge = self._gauge("importer_notices", "notices", ["state"])
        for state, count in count_notices(database).items():
            gauge.add_metric([state], count)
        return gauge

    def _workers(self, database: Database) -> Metric:
        gauge = self._gauge("importer_workers", "workers")
        gauge.add_metric([], len(workers_in(database)))
        return gauge


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
