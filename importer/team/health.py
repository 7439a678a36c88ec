"""How an office does: the checks of `importer doctor` (the store, the queue, the workers, the profiles, and what waits
for a person), and the figures that a worker serves to Prometheus (submissions, journals and notices by state, the age
of the oldest doubt, the workers that are alive). Their labels are states and the numbers of profiles: nothing names a
company, a user, a file or a journal."""

import errno
import os
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import SetupError
from importer.model.secrets import OF_THIS_PROCESS, without_password
from importer.services.http import place_of
from importer.settings import Settings, read_settings
from importer.settings_file import profile_names, scheduled_folders
from importer.store.approvals import policy_of
from importer.store.copies import journals_in
from importer.store.database import Database
from importer.store.leases import STALLED_SECONDS, workers_in
from importer.store.notices import count_notices, dropped_notices
from importer.store.schema import MIGRATIONS
from importer.store.submissions import (
    SubmissionState,
    count_submissions,
    longest_waits,
    stopped_submissions,
    under_way_since,
)
from importer.team.channels import sender_of
from importer.translations import Language, say, sentence_of

if TYPE_CHECKING:
    from prometheus_client.core import Metric

LONGEST_WAIT, LONGEST_DOUBT = 600.0, 600.0
"""Seconds after which a submission that is due is told, and a doubt that should have settled."""

_PENDING = (SubmissionState.QUEUED, SubmissionState.WORKING, SubmissionState.WAITING, SubmissionState.SETTLING)

LONGEST_RUN = timedelta(hours=1)
"""How long a run may take until it is told: nothing ends one by itself."""

NOTICES_SHOWN = timedelta(days=7)
"""How long a notice that was given up is told, unless a later one reaches its recipient."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: its code, and one line that says what it is and what to do next."""

    code: str
    text: str


def examine(settings: Settings, environment: Mapping[str, str]) -> tuple[list[str], list[Finding]]:
    """Checks the store of the settings and the profiles of this machine; gives lines that say what was looked at, and
    the findings. Connects to no ledger and changes nothing. Raises SetupError for a settings file that cannot be
    read."""
    look = _Look(settings.language)
    unnamed = {name: value for name, value in environment.items() if name != "IMPORTER_PROFILE"}
    for profile in profile_names():
        look.at_profile(profile, unnamed)
    for check in (look.at_schedule, look.at_store):
        try:
            check(settings)
        except SetupError as error:
            look.found_fault(error)
    return look.looked_at, look.findings


def stalled_jobs(database: Database) -> int:
    """How many jobs workers that are gone have left in the queue (tables of procrastinate 3); 0 where there is no
    queue yet. Raises SetupError."""
    if not database.row("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")[0]:
        return 0
    row = database.row(
        "SELECT COUNT(*) FROM procrastinate_jobs WHERE status = 'doing' AND COALESCE(worker_id, 0) NOT IN ("
        " SELECT id FROM procrastinate_workers"
        " WHERE last_heartbeat > clock_timestamp() - make_interval(secs => ?))",
        (STALLED_SECONDS,),
    )
    return int(row[0])


class _Look:
    """One look at an office, told in a language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._stores: dict[tuple[str, str], tuple[str, str]] = {}
        self._connectable: set[str] = set()
        self.looked_at: list[str] = []
        self.findings: list[Finding] = []

    def found_fault(self, error: SetupError) -> None:
        """An error whose sentence says what to do; once, however many profiles meet it."""
        finding = Finding(error.key, sentence_of(error, self._language, OF_THIS_PROCESS))
        if finding not in self.findings:
            self.findings.append(finding)

    def at_profile(self, profile: str, environment: Mapping[str, str]) -> None:
        """Whether this machine can log in for a profile, write its reports, and send its notices; for `""`, without
        one, where the settings name a service or there is no profile."""
        try:
            settings = read_settings({"profile": profile or None}, environment)
            if profile or settings.url:
                address = place_of(settings.login_address())
                self._saw("profile", name=profile or "–")
                self._connectable.add(profile)
                self._at_other_store(settings, address)
                if not _is_writable(settings.reports):
                    facts = {"folder": str(settings.reports), "detail": os.strerror(errno.EACCES)}
                    self.found_fault(SetupError("report", **facts))
                sender_of(settings, environment)
            elif profile_names() == [""]:
                self._saw("no-service")
        except SetupError as error:
            self.found_fault(error)

    def _at_other_store(self, settings: Settings, address: str) -> None:
        """Two profiles with one login whose journals are remembered in two stores."""
        here = (settings.profile or "–", without_password(settings.store))
        user = (address, settings.userid or "")
        first = self._stores.setdefault(user, here)
        if first[1] != here[1]:
            facts = dict(zip(("one_name", "one", "other_name", "other"), (*first, *here), strict=True))
            self._found("two-stores", address=address, userid=user[1], **facts)

    def at_schedule(self, settings: Settings) -> None:
        """The lines of `[schedule]`: their times, their folders and profiles. Raises SetupError."""
        lines = scheduled_folders()
        if not lines:
            return
        if not settings.store.startswith("postgres"):
            raise SetupError("queue-needs-postgresql", store=without_password(settings.store))
        from importer.team.queue import check_schedule

        for line in lines:
            if line.profile not in self._connectable:
                self._found("schedule-profile", name=line.name, profile=line.profile or "–")
            elif not Path(line.folder).is_dir():
                self.found_fault(SetupError("folder-away", folder=line.folder, detail=os.strerror(errno.ENOENT)))
        check_schedule(settings.store, lines)

    def at_store(self, settings: Settings) -> None:
        """The store, and what stands in it. Raises SetupError where it cannot be used."""
        store = settings.store
        is_there = not store.startswith("sqlite:///") or Path(store.removeprefix("sqlite:///")).exists()
        try:
            opened = Database(store, migrates=False) if is_there else None
        except SetupError as error:
            if error.key != "store-missing":
                raise
            opened = None
        if opened is None:
            self._saw("no-store", store=without_password(store))
            return
        with opened as database:
            self._saw("store", store=database.name, version=len(MIGRATIONS))
            journals = journals_in(database, with_practice=False)
            if journals.doubt_seconds > settings.settle + LONGEST_DOUBT:
                self._found("doubt", since=f"{journals.oldest_doubt:.16}")
            self._at_submissions(database)
            for count, one, fault in dropped_notices(database, datetime.now(UTC) - NOTICES_SHOWN).values():
                self._found("notices-dropped", count=count, target=one.target, about=one.about, detail=fault)
            if database.login_role():
                self._at_approval(database)
            elif policy_of(database) is not None:
                self._found("policy-in-file")
            else:
                self._saw("file")

    def _at_submissions(self, database: Database) -> None:
        counts = count_submissions(database)
        if stopped := stopped_submissions(database):
            first = stopped[0]
            self._found("stopped", count=len(stopped), number=first.id, name=first.name, stop=first.stop or "–")
        now = datetime.now(UTC)
        for one, host, process in under_way_since(database, now - LONGEST_RUN):
            since = datetime.strptime(one.run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
            minutes = int((now - since).total_seconds() // 60)
            place = {"host": host or "–", "process": str(process or "–")}
            self._found("long-run", number=one.id, name=one.name, minutes=minutes, **place)
        if not database.login_role():
            return
        workers = workers_in(database)
        pending = sum(count for (_, state), count in counts.items() if state in _PENDING)
        asking = sum(count for (_, state), count in counts.items() if state is SubmissionState.APPROVAL)
        hosts = sorted({machine for machine, _ in workers})
        self._saw("queue", workers=len(workers), hosts=", ".join(hosts) or "–", pending=pending, asking=asking)
        if (lines := scheduled_folders()) and platform.node() not in hosts:
            self._found("schedule-idle", name=lines[0].name)
        if not workers and (counts or stalled_jobs(database)):
            self._found("no-worker", count=pending + asking)
            return
        if stalled := stalled_jobs(database):
            self._found("stalled", count=stalled)
        served = {profile for _, profiles in workers for profile in profiles}
        for profile, (count, seconds) in sorted(longest_waits(database).items()):
            if profile not in served:
                self._found("unserved", count=count, profile=profile or "–")
            elif seconds > LONGEST_WAIT:
                self._found("waits", profile=profile or "–", minutes=int(seconds // 60))

    def _at_approval(self, database: Database) -> None:
        policy = policy_of(database)
        if policy is None:
            self._saw("no-policy")
            return
        self._saw("policy", count=len(policy.rules), digest=policy.digest[:12])
        roles = {role for (role,) in database.rows("SELECT rolname::text FROM pg_roles WHERE rolcanlogin")}
        if len(roles) < 2:
            self._found("one-login", role=database.login_role())
        for role, one, other in database.rows(
            "SELECT maker, MIN(submitted_by), MAX(submitted_by) FROM submissions WHERE maker <> ''"
            " GROUP BY maker HAVING COUNT(DISTINCT submitted_by) > 1 ORDER BY maker"
        ):
            self._found("shared-login", role=role, one=one, other=other)
        for person in sorted({person for rule in policy.rules for person in rule.people} - roles):
            self._found("no-login", person=person)

    def _saw(self, key: str, **facts: str | int) -> None:
        self.looked_at.append(say(self._language, f"doctor.saw.{key}", **facts))

    def _found(self, code: str, **facts: str | int) -> None:
        self.findings.append(Finding(code, say(self._language, f"doctor.{code}", **facts)))


def _is_writable(folder: Path) -> bool:
    """True when files can be made in a folder, or, while it is not there, in the nearest one above it that is."""
    place = folder.absolute()
    while not os.path.lexists(place):
        place = place.parent
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


OTHERS = "other"
"""The label of a profile that this machine does not have."""


class _Figures:
    """What prometheus_client collects at each scrape."""

    def __init__(self, store: str, profiles: Sequence[str], language: Language) -> None:
        self._store = store
        self._labels = {profile: str(number) for number, profile in enumerate(profiles)}
        self._language = language

    def collect(self) -> "Iterable[Metric]":
        """The figures of this moment; without the store only that it is away."""
        try:
            with Database(self._store) as database:
                journals = journals_in(database, with_practice=False)
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

    def _gauge(self, name: str, text: str, values: Mapping[tuple[str, ...], float], *labels: str) -> "Metric":
        from prometheus_client.core import GaugeMetricFamily

        gauge = GaugeMetricFamily(f"importer_{name}", say(self._language, f"metrics.{text}"), labels=labels)
        for place, value in values.items():
            gauge.add_metric(place, value)
        return gauge

    def _submissions(self, database: Database) -> dict[tuple[str, ...], float]:
        every = ((label, state.value) for label in self._labels.values() for state in SubmissionState)
        counts: Counter[tuple[str, ...]] = Counter(dict.fromkeys(every, 0))
        for (profile, state), count in count_submissions(database).items():
            counts[self._labels.get(profile, OTHERS), state.value] += count
        return dict(counts)


def _by_state(counts: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(state,): count for state, count in counts.items()}


@contextmanager
def metrics_at(host: str, port: int, store: str, profiles: Sequence[str], language: Language) -> Iterator[int]:
    """Serves the figures of the store at the address `store` over HTTP at `host` and `port` (0: a free one) until the
    block ends; gives the port. The label of a profile is its place in `profiles`; help texts are in `language`. Raises
    SetupError when the port cannot be used."""
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError as error:
        raise SetupError("team-missing", detail=str(error)) from error
    registry = CollectorRegistry()
    registry.register(_Figures(store, profiles, language))
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
