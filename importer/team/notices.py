"""Notices by mail or webhook: a workbook has ended, was refused, or waits for a second person.

A notice is stored in the transaction that ends the submission; sending it is a job of its own, which tries again and
never holds up a run. Recipients and what they are shown are set in `[notices]` of the settings file alone.
"""

import base64
import hmac
import json
import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from io import BufferedReader, RawIOBase
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from time import time
from typing import Any, cast
from urllib.parse import urlsplit

from importer.errors import ImporterError, SetupError, TryAgain
from importer.model.results import Result
from importer.model.secrets import OF_THIS_PROCESS
from importer.printable import printable, shortened
from importer.report.page import write_page
from importer.report.report_folder import page_of
from importer.report.sentences import amount_text, message, stop_reason
from importer.report.summary import IN_LEDGER, debits_of, headline, next_step
from importer.run.approvals import NEEDS_APPROVAL
from importer.run.history import past_result
from importer.services.certificates import Certificates
from importer.services.http import HttpClient, Request
from importer.services.network import Deadline, Network, Server, Stream
from importer.services.operations import MEGABYTE
from importer.settings import Settings
from importer.store.database import Database, from_row
from importer.store.notices import Notice, end_try, take_notice
from importer.store.submissions import ENDED, SOURCE_FOLDER, Submission, SubmissionState
from importer.team.channels import APPROVAL, WEBHOOK, Channels, Mail, Sender, key_of
from importer.team.files import Destination, destination_of, name_with
from importer.translations import Language, say, sentence_of

MOST_TRIES = 20
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
"""Seconds between two tries: some thirteen hours from the first to the last."""

_READY = 220
"""A mail server's first word (RFC 5321)."""

LOOK_SECONDS = 5.0
"""How often to look for notices that are due."""

MOST_ATTACHED = 10 * MEGABYTE
"""Bytes of a report that is sent with its notice."""

WEBHOOK_SECONDS, MAIL_SECONDS = 30.0, 120.0
"""For the whole of a request to a webhook, and of a talk with a mail server."""

_ANNOUNCED = frozenset(ENDED) - {SubmissionState.WITHDRAWN} | {SubmissionState.APPROVAL}

Tell = Callable[[str, Mapping[str, str]], None]
"""Is called with the key of a sentence below `said.`, and its facts."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a notice says. `event` is the state of the submission, or `not-submitted`; `outcome` and `step` (what to do
    next, with `command` typed where there is one) are sentences; `report` is where the report lies; `amounts` the
    debits that are in the ledger by currency, None unless they are asked for."""

    event: str
    workbook: str
    outcome: str
    step: str
    command: str = ""
    company: str = ""
    submission: int | None = None
    run: str = ""
    exit_code: int | None = None
    report: str = ""
    amounts: Mapping[str, str] | None = None


def notices_of(ended: Submission, ending: Result | ImporterError | None, channels: Channels | None) -> list[Notice]:
    """The notices to `channels` about the submission `ended`; none while it goes on. `ending` is the result of its run
    or the error that kept it from running, None when its process died again and again. A request for approval is
    announced once."""
    if channels is None or ended.state not in _ANNOUNCED:
        return []
    language = channels.language
    outcome, step, command = _sentences(ended, ending, language)
    content = Content(
        *(ended.state.value, ended.name, outcome, step, command),
        submission=ended.id,
        run=ended.run,
        exit_code=ended.exit_code,
        report=_place_of_report(ended),
    )
    amounts: dict[str, str] | None = None
    if isinstance(ending, Result):
        company = "" if ending.company is None else ending.company.name
        content = replace(content, company=company, report=content.report or ending.report or "")
        amounts = {currency: str(amount) for currency, amount in debits_of(ending, IN_LEDGER).items()}
    if ended.state is SubmissionState.APPROVAL:  # several may wait for one request
        return _addressed(content, f"request {_request_of(ended)}", channels, APPROVAL, amounts)
    about = " ".join(("submission", str(ended.id), ended.state, ended.stop)).rstrip()
    return _addressed(content, about, channels, destination_of(ended), amounts)


def notices_of_failure(
    about: str, workbook: str, reason: str, channels: Channels | None, report: str = ""
) -> list[Notice]:
    """The notices to `channels` about a workbook or folder that could not be submitted, for that `reason` (a sentence).
    `about` as in `Notice`; `report` is where the report lies."""
    if channels is None:
        return []
    content = Content("not-submitted", workbook, reason, say(channels.language, "notice.step.submit"), report=report)
    return _addressed(content, about, channels, Destination.FAILED)


def _addressed(
    content: Content, about: str, channels: Channels, outcome: str, amounts: Mapping[str, str] | None = None
) -> list[Notice]:
    def text(has_amounts: bool) -> str:
        made = asdict(replace(content, amounts=amounts if has_amounts else None))
        plain = {name: printable(OF_THIS_PROCESS(one)) if isinstance(one, str) else one for name, one in made.items()}
        return json.dumps(plain)

    targets = channels.targets(outcome).items()
    return [Notice(about, channels.profile, target, text(has_amounts)) for target, has_amounts in targets]


def _sentences(ended: Submission, ending: Result | ImporterError | None, language: Language) -> tuple[str, str, str]:
    """What has happened, what to do next, and what to type then (`""`: nothing)."""
    if not isinstance(ending, Result):
        outcome = say(language, "notice.died") if ending is None else sentence_of(ending, language, OF_THIS_PROCESS)
        return outcome, say(language, "notice.step.look"), f"importer submissions {ended.id}"
    if ended.state is SubmissionState.APPROVAL:
        request = _request_of(ended)
        outcome = say(language, "notice.approval", request=request)
        return outcome, say(language, "notice.step.approve"), f"importer approve {request}"
    step = next_step(ending, language)
    outcome = headline(ending, language).text
    if ended.state is SubmissionState.REJECTED:
        held = next((one for one in ending.problems if one.code == NEEDS_APPROVAL), None)
        outcome = outcome if held is None else message(held, language)
    elif ending.stopped_by is not None and not ending.is_declined:
        outcome = f"{outcome} {stop_reason(ending.stopped_by, language)}"
    return outcome, step.text, step.command or ""


def _request_of(waiting: Submission) -> str:
    """The number of the request that a submission waits for."""
    return waiting.stop.rpartition(" ")[2]


def _place_of_report(ended: Submission) -> str:
    """Where the report of a workbook from a watched folder lies once it has ended; `""` for others."""
    if not ended.source.startswith(SOURCE_FOLDER) or ended.state not in ENDED:
        return ""
    token = ended.source.removeprefix(SOURCE_FOLDER)
    return str(PurePath(ended.origin).parent / destination_of(ended) / name_with(ended.name, token, ".html"))


def send_due(
    store: str, senders: Mapping[str, Sender], tell: Tell, is_stopping: Callable[[], bool] = lambda: False
) -> None:
    """Sends the notices that are due, one after the other, until there are none or `is_stopping` says so. `senders`: by
    profile, those of this machine. A notice that could not be sent is tried again later, at most `MOST_TRIES` times;
    `tell` is called with each try that has failed. Raises SetupError when the store cannot be used."""
    targets = {profile: sender.channels.targets() for profile, sender in senders.items()}
    with Database(store) as database:
        while not is_stopping() and (taken := take_notice(database, targets)) is not None:
            fault = _fault_in(senders[taken.profile], taken)
            is_over = taken.attempts >= MOST_TRIES
            pause = min(FIRST_PAUSE * 2.0 ** (taken.attempts - 1), LONGEST_PAUSE)
            end_try(database, taken, fault=fault, seconds=None if is_over else pause)
            if fault:
                about = taken.about
                with suppress(ValueError, LookupError, TypeError):  # a damaged one is told by its name in the store
                    about = json.loads(taken.content)["workbook"]
                facts = {"about": about, "target": taken.target, "detail": fault, "count": str(taken.attempts)}
                tell("notice-dropped" if is_over else "notice-failed", facts)


def _fault_in(sender: Sender, taken: Notice) -> str:
    """Sends a notice; gives why it could not be sent, `""` when it was. One that was tried too often already, by
    processes that ended meanwhile, is not sent again."""
    language = sender.channels.language
    if taken.attempts > MOST_TRIES:
        return say(language, "notice.unfinished")
    try:
        content = from_row(Content, json.loads(taken.content))
        if taken.target == WEBHOOK:
            _post(sender, taken, content)
        else:
            _mail(sender, taken, content)
    except ImporterError as error:
        fault = sentence_of(error, language)
    except smtplib.SMTPResponseException as error:
        fault = f"{error.smtp_code} {_text_of(error.smtp_error)}"
    except smtplib.SMTPRecipientsRefused as error:
        fault = ", ".join(f"{code} {_text_of(words)}" for code, words in error.recipients.values())
    except OSError as error:
        fault = str(error) or type(error).__name__
    except Exception as error:  # noqa: BLE001  whatever a library makes of a text: no notice may end a worker
        fault = f"{type(error).__name__}: {error}"
    else:
        return ""
    return shortened(printable(OF_THIS_PROCESS(fault)), 300)


def _text_of(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _mail(sender: Sender, taken: Notice, content: Content) -> None:
    """Sends a mail. Raises OSError (smtplib's errors are such) and ValueError."""
    mail = sender.channels.mail
    if mail is None:
        raise ValueError(taken.target)
    page = _page_of(content.run, sender.settings) if mail.attach_report else None
    made = mail_of(taken.key, taken.made_at, content, mail, sender.channels.language, page)
    with _connected(mail, sender) as server:
        server.send_message(made, from_addr=mail.sender, to_addrs=[taken.target])


@contextmanager
def _connected(mail: Mail, sender: Sender) -> Iterator[smtplib.SMTP]:
    """A talk with the mail server, under TLS with a verified certificate, logged in, the whole of it in `MAIL_SECONDS`.
    What goes wrong when it is ended is no matter: the mail has been taken by then. Raises OSError and ImporterError."""
    ca_file, place = sender.settings.ca_file, Server(mail.host, mail.port, mail.is_implicit)
    with closing(Network(ca_file=ca_file)) as network, network.opened(place, Deadline(MAIL_SECONDS)) as stream:
        server, connection = smtplib.SMTP(), cast(Any, _MailConnection(stream, Certificates(ca_file), mail.host))
        server.sock = connection
        code, words = server.getreply()
        if code != _READY:
            raise smtplib.SMTPConnectError(code, words)
        if not mail.is_implicit:
            server.starttls(context=connection)
        if mail.user and sender.password is not None:
            server.login(mail.user, sender.password.reveal())
        yield server
        with suppress(OSError):
            server.quit()


class _MailConnection:
    """What smtplib asks of a socket, and of the TLS context that wraps it, on a stream with one deadline."""

    def __init__(self, stream: Stream, certificates: Certificates, host: str) -> None:
        self._stream, self._certificates, self._host = stream, certificates, host

    def sendall(self, content: bytes) -> None:
        """Sends it whole."""
        self._stream.send(content)

    def makefile(self, mode: str) -> BufferedReader:
        """What the server says, to be read by line."""
        return BufferedReader(_Answers(self._stream))

    def wrap_socket(self, plain: object, server_hostname: str) -> "_MailConnection":
        """TLS from here on. Raises OSError for a certificate that is not trusted or for another host."""
        self._stream.encrypt(self._certificates.context(), self._host)
        return self

    def close(self) -> None:
        """Nothing: the network frees its streams."""


class _Answers(RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.receive(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def mail_of(
    key: str, made_at: datetime, content: Content, mail: Mail, language: Language, page: bytes | None = None
) -> EmailMessage:
    """A notice as a mail in `language`: `key` and `made_at` (UTC) are the notice's, `content` what it says, `mail` has
    sender and recipients, `page` is a report to attach. Sent twice it has the same Message-ID."""
    made = EmailMessage(MAIL_POLICY)
    facts = {"workbook": shortened(content.workbook, 80), "outcome": shortened(content.outcome, 120)}
    made["Subject"] = say(language, "notice.subject", **facts)
    made["From"] = mail.sender
    made["To"] = ", ".join(mail.to)
    made["Date"] = made_at
    made["Message-ID"] = f"<{key}@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    amounts = [f"{amount_text(Decimal(text), language)} {name}" for name, text in (content.amounts or {}).items()]
    about = {
        "workbook": content.workbook,
        "company": content.company,
        "submission": "" if content.submission is None else str(content.submission),
        "run": content.run,
        "amounts": ", ".join(amounts),
        "report": content.report,
    }
    lines = [content.outcome, "", *(say(language, f"notice.{name}", value=one) for name, one in about.items() if one)]
    lines += [
        "",
        say(language, "notice.next", step=content.step),
        *([f"    {content.command}"] if content.command else []),
    ]
    made.set_content("\n".join(lines) + "\n")
    if page is not None:
        made.add_attachment(page, maintype="text", subtype="html", filename=f"{content.run}.html")
    return made


def _page_of(run: str, settings: Settings) -> bytes | None:
    """The page of a run, from the folder of reports, else written again from the store; None where neither has it, or
    it is too large for a mail. Raises OSError."""
    if not run:
        return None
    with TemporaryDirectory() as folder:
        page = page_of(run, settings.reports)
        if not page.is_file():
            try:
                page = write_page(past_result(settings, run), Path(folder), settings.language)
            except SetupError:
                return None
        return page.read_bytes() if page.stat().st_size <= MOST_ATTACHED else None


def _post(sender: Sender, taken: Notice, content: Content) -> None:
    """Posts a notice to the webhook, signed as Standard Webhooks says. Raises ImporterError, ValueError."""
    webhook, key = sender.channels.webhook, None if sender.key is None else key_of(sender.key.reveal())
    if webhook is None or key is None:
        raise ValueError(taken.target)
    given = asdict(content)
    if content.amounts is None:
        del given["amounts"]
    document = {"schema": "importer.notice/1", "id": taken.key, "at": taken.made_at.isoformat(), **given}
    body, moment = json.dumps(document).encode(), str(int(time()))
    signature = hmac.digest(key, f"{taken.key}.{moment}.".encode() + body, "sha256")
    headers = {
        "Content-Type": "application/json",
        "webhook-id": taken.key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
    place, settings = urlsplit(webhook.url), sender.settings
    proxy = settings.proxy.reveal() if settings.proxy else None
    client = HttpClient(f"{place.scheme}://{place.netloc}", WEBHOOK_SECONDS, proxy=proxy, ca_file=settings.ca_file)
    with closing(client):
        status = client(Request("POST", place.path or "/", headers, body, most=MEGABYTE)).status
    if not 200 <= status < 300:
        raise TryAgain("notice-redirected" if 300 <= status < 400 else "notice-refused", status=str(status))
