"""The queue of an office: jobs in PostgreSQL by procrastinate. The table of submissions says what is to be done; a job
only brings a worker to it, so a job that runs twice, or is lost, changes nothing (`store.submissions`)."""

import asyncio
import platform
import signal
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from importer.errors import ExitCode, SetupError
from importer.model.secrets import without_password
from importer.printable import printable
from importer.settings import read_settings
from importer.settings_file import FILE, ScheduledFolder
from importer.store.database import Database
from importer.store.leases import STALLED_SECONDS, forget_worker, note_worker
from importer.store.notices import add_notices, forget_notices
from importer.store.postgres import connection_arguments
from importer.store.submissions import (
    SOURCE_FOLDER,
    Submission,
    SubmissionOptions,
    SubmissionState,
    bring_on_decided,
    due_submissions,
    empty_contents,
)
from importer.team.channels import read_channels
from importer.team.files import hand_in
from importer.team.jobs import carry_out, waiting_for
from importer.team.notices import LOOK_SECONDS, notices_of_failure
from importer.translations import sentence_of

try:
    import procrastinate
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
    from procrastinate.jobs import Status
    from procrastinate.periodic import PeriodicDeferrer
except ImportError as error:
    raise SetupError("team-missing", detail=str(error)) from error

SWEEP_SECONDS = 5.0
"""How often a worker looks for submissions whose time has come, and for jobs of workers that are gone."""

FETCH_SECONDS = 0.25
"""How often a worker with room asks for a job: nothing tells it that a company's job has ended, so that the next one of
that company may begin, and the 5 seconds that procrastinate waits otherwise are longer than most runs."""

KEPT, EMPTY_SECONDS = timedelta(days=90), 86_400.0
"""How long the files of a submission are kept after its end, and notices, and how often a worker looks for older
ones."""

_OPEN_QUEUE = "profile "
"""Before the name of the profile: a worker fetches only what it has the profile for."""

OWN_QUEUE = f"machine {platform.node()}"
"""Of what only workers on this machine can do: a scheduled folder is one of its own."""

_TASK = "carry_out"


def enqueue(store: str, submissions: Sequence[Submission]) -> None:
    """Adds a job for each submission. Raises SetupError when the queue cannot be used."""
    app = _app(store)
    with _translated(store), _ready(app):
        for submission in submissions:
            with suppress(AlreadyEnqueued):
                _deferrer(app, submission).defer(submission=submission.id, profile=submission.profile)


def work(
    store: str,
    profiles: Mapping[str, Mapping[str, str]],
    concurrency: int,
    tell: Callable[[Submission], None],
    schedule: Sequence[ScheduledFolder] = (),
    send_notices: Callable[[Callable[[], bool]], None] | None = None,
) -> None:
    """Carries out the submissions in the queue, `concurrency` at once, until SIGTERM or Ctrl-C; those under way end
    gracefully. `store` is the store's address; `profiles` has the environment of a child process for each profile that
    this machine has (`""`: none); `tell` is called with each submission after an attempt, or when a line of the
    `schedule` has submitted it; `send_notices` sends what is due, until the function that it is given returns True.

    Raises SetupError when the store or queue cannot be used; the worker is to be started again then."""
    stopping, app = threading.Event(), _app(store)
    with ThreadPoolExecutor(concurrency, "submission") as pool, _translated(store):

        @app.task(name=_TASK)
        async def carry_out_submission(submission: int, profile: str) -> None:
            attempt = partial(carry_out, store, submission, profiles[profile], stopping.is_set)
            after = await asyncio.get_running_loop().run_in_executor(pool, attempt)
            if after is not None:
                tell(after)

        for line in schedule:
            if line.profile in profiles:
                add_scheduled(app, store, line, profiles[line.profile], tell)
        with _ready(app):
            pass
        worker = partial(
            app.run_worker_async,
            queues=[OWN_QUEUE, *(_OPEN_QUEUE + profile for profile in profiles)],
            concurrency=concurrency,
            install_signal_handlers=False,
            delete_jobs="always",
            stalled_worker_timeout=STALLED_SECONDS,
            fetch_job_polling_interval=FETCH_SECONDS,
        )
        others = [partial(_sweep_for_ever, app, store, profiles)]
        if send_notices is not None:
            others.append(partial(_send_for_ever, partial(send_notices, stopping.is_set)))
        # Not the loop that is usual on Windows: psycopg does not know it.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(_until_stopped(app, worker, others, stopping))
    with Database(store) as database:
        forget_worker(database)


async def _until_stopped(
    app: "procrastinate.App",
    run_worker: Callable[[], Coroutine[Any, Any, None]],
    beside: Iterable[Callable[[], Coroutine[Any, Any, None]]],
    stopping: threading.Event,
) -> None:
    """Runs the worker and what goes on `beside` it until a signal comes or one of them fails."""
    async with app.open_async():
        worker = asyncio.create_task(run_worker())
        others = [asyncio.create_task(one()) for one in beside]

        def stop() -> None:
            stopping.set()
            worker.cancel()

        with _signals_to(stop):
            await asyncio.wait({worker, *others}, return_when=asyncio.FIRST_COMPLETED)
            stopping.set()
            for task in (*others, worker):
                task.cancel()
            ends = await asyncio.gather(worker, *others, return_exceptions=True)
    for ending in ends:
        if isinstance(ending, Exception):
            raise ending


@contextmanager
def _signals_to(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` in the event loop at SIGTERM and Ctrl-C. By Python's own handlers: Windows' loops have none."""
    loop = asyncio.get_running_loop()
    names = (signal.SIGTERM, signal.SIGINT)
    usual = {name: signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop)) for name in names}
    try:
        yield
    finally:
        for name, handler in usual.items():
            signal.signal(name, handler)


async def _sweep_for_ever(app: "procrastinate.App", store: str, profiles: Mapping[str, Mapping[str, str]]) -> None:
    emptied = 0.0
    while True:
        if not emptied or monotonic() - emptied >= EMPTY_SECONDS:
            emptied = monotonic()
            await asyncio.to_thread(_empty, store)
        await sweep(app, store, profiles)
        await asyncio.sleep(SWEEP_SECONDS)


async def _send_for_ever(send_due: Callable[[], None]) -> None:
    """A task of its own, so that a slow mail server does not delay the sweep."""
    while True:
        await asyncio.to_thread(send_due)
        await asyncio.sleep(LOOK_SECONDS)


async def sweep(app: "procrastinate.App", store: str, profiles: Mapping[str, Mapping[str, str]]) -> None:
    """Says that this worker is alive, ends jobs of workers that are gone, which releases their company, and adds a job
    for each submission that is due. `store` is the store's address, `profiles` as in `work`."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS, task_name=_TASK):
        with suppress(ConnectorException):  # it has ended meanwhile
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    waiting = await app.job_manager.list_jobs_async(task=_TASK, status=Status.TODO.value)
    have_jobs = {job.queueing_lock for job in waiting}
    for submission in await asyncio.to_thread(_due, store, profiles):
        is_ours = submission.profile in profiles and not submission.source.startswith(SOURCE_FOLDER)
        if is_ours and _queueing_lock(submission) not in have_jobs:
            with suppress(AlreadyEnqueued):
                await _deferrer(app, submission).defer_async(submission=submission.id, profile=submission.profile)


def _empty(store: str) -> None:
    with Database(store) as database:
        empty_contents(database, datetime.now(UTC) - KEPT)
        forget_notices(database, datetime.now(UTC) - KEPT)


def _due(store: str, profiles: Iterable[str]) -> list[Submission]:
    with Database(store) as database:
        note_worker(database, profiles)
        bring_on_decided(database, waiting_for(""))
        return due_submissions(database)


def _deferrer(app: "procrastinate.App", submission: Submission) -> Any:
    """One job a ledger at a time; what waits for a doubt to settle does not keep the rest of its company waiting. What
    was begun goes before what is new: at the end of a month a doubt would else wait behind every workbook. Not so what
    could not begin, for its service is away or another run holds its company: it comes again and again, and others
    would never have their turn."""
    company = f"company {submission.address} {submission.userid}"
    lock = f"settle {submission.id}" if submission.state is SubmissionState.SETTLING else company
    has_failed = submission.state is SubmissionState.WAITING and submission.exit_code == ExitCode.STOPPED
    is_begun = submission.attempts > 0 and (not has_failed or submission.looks > 0)
    return app.configure_task(
        _TASK,
        queue=_OPEN_QUEUE + submission.profile,
        lock=lock,
        queueing_lock=_queueing_lock(submission),
        priority=int(is_begun),
    )


def _queueing_lock(submission: Submission) -> str:
    return f"submission {submission.id}"


def _app(store: str) -> "procrastinate.App":
    return procrastinate.App(
        connector=procrastinate.PsycopgConnector(kwargs=connection_arguments(store), min_size=1, max_size=8)
    )


def add_scheduled(
    app: "procrastinate.App",
    store: str,
    line: ScheduledFolder,
    environment: Mapping[str, str],
    tell: Callable[[Submission], None],
) -> None:
    """Adds a periodic job that submits the workbooks of the folder of a schedule's `line`, once however many workers
    this machine has. `store` is the store's address, `environment` that of the line's profile; `tell` is called with
    each submission. Raises SetupError for an invalid cron line."""
    name = f"{OWN_QUEUE} {line.name}"

    def submit(timestamp: int) -> None:
        settings = read_settings({"profile": line.profile or None}, environment)
        with Database(store) as database:
            try:
                options = SubmissionOptions(check_only=line.check_only, lang=settings.language.value)
                for one in hand_in([Path(line.folder)], settings, database, options, f"schedule {line.name}"):
                    tell(one)
            except SetupError as error:
                about, reason = f"schedule {printable(line.name)} {timestamp}", sentence_of(error, settings.language)
                add_notices(database, notices_of_failure(about, line.folder, reason, read_channels(settings)))
                raise

    @app.periodic(cron=line.at, periodic_id=line.name)
    @app.task(name=name, queue=OWN_QUEUE, queueing_lock=name, lock=name)
    async def submit_folder(timestamp: int) -> None:  # procrastinate says for which time
        await asyncio.to_thread(submit, timestamp)  # the sweep brings workers to what is new

    try:
        PeriodicDeferrer(app.periodic_registry).get_next_tick(at=0.0)  # reads the lines
    except ValueError as error:
        facts = {"name": f"schedule.{line.name}.at", "value": line.at, "source": FILE, "expected": "schedule"}
        raise SetupError("bad-setting", **facts) from error


def check_schedule(store: str, lines: Iterable[ScheduledFolder]) -> None:
    """Reads the times of a schedule as a worker with the store at the address `store` does; connects to nothing. Raises
    SetupError for an invalid one."""
    for line in lines:
        add_scheduled(_app(store), store, line, {}, lambda _: None)


@contextmanager
def _ready(app: "procrastinate.App") -> Iterator[None]:
    """Opens the app for calls that wait, with its tables in the database."""
    with app.open():
        connector = app.connector.get_sync_connector()
        known = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS is_there"
        if not connector.execute_query_one(known)["is_there"]:
            try:
                app.schema_manager.apply_schema()
            except ConnectorException:  # another process has made them in the same moment
                if not connector.execute_query_one(known)["is_there"]:
                    raise
        yield


@contextmanager
def _translated(store: str) -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        detail = " ".join(str(error.__cause__ or error).split())
        raise SetupError("store-away", store=without_password(store), detail=detail) from error
