"""Notices over real sockets under TLS: each arrives, at a verified receiver only, with nothing it must not hold."""

import asyncio
import base64
import hmac
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.errors import CredentialsRefused, SetupError
from importer.model.results import Company, Result
from importer.report.summary import headline
from importer.settings import read_settings
from importer.settings_file import ScheduledFolder
from importer.store.database import Database
from importer.store.notices import Notice, add_notices
from importer.store.submissions import Submission, SubmissionState, add_submission, find_submission, take
from importer.team import notices
from importer.team.channels import Channels, Mail, Webhook, read_channels, sender_of, senders_of
from importer.team.folder import PATIENCE
from importer.team.jobs import conclude
from importer.team.notices import MOST_TRIES, Content, mail_of, notices_of, notices_of_failure, send_due
from importer.translations import Language, say, sentence_of
from tests.cli.batches import batch
from tests.cli.commands import home_in, importer, settings_for
from tests.faulty_service import faulty_service
from tests.postgres import new_address
from tests.report.stories import START, good_run, troubled_run
from tests.store.test_submissions import NEW
from tests.team.receivers import PASSWORD, mail_server, slow_mail_server, webhook
from tests.team.test_folder import STABLE, watching
from tests.team.test_jobs import ATTEMPT

KEY = bytes(range(32))
SECRETS = {
    "IMPORTER_SMTP_PASSWORD": PASSWORD,
    "IMPORTER_WEBHOOK_SECRET": f"whsec_{base64.b64encode(KEY).decode()}",
}
SECRET_TEXTS = (PASSWORD, SECRETS["IMPORTER_WEBHOOK_SECRET"][6:], "canary")
TO = ("ana@example.org", "luis@example.org")
HOSTILE = "june\r\nBcc: evil@example.org\r\n\r\n\u202e\x1b[2J\udce9\u2028.xlsx"


@dataclass
class Office:
    """A working folder with a settings file, a store, and the notices that were complained of."""

    folder: Path
    authority: trustme.CA
    faults: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 's.db'}"

    @property
    def environment(self) -> dict[str, str]:
        return SECRETS | {"IMPORTER_STORE": self.store, "IMPORTER_REPORTS": str(self.folder / "reports")}

    @property
    def certificate(self) -> trustme.LeafCert:
        return self.authority.issue_cert("127.0.0.1")

    def write(self, *tables: str) -> None:
        first = f'lang = "es"\nca_file = {json.dumps(str(self.folder / "authority.pem"))}\n'
        (self.folder / "importer.toml").write_text(first + "\n".join(tables), encoding="utf-8")

    def mail(self, port: int, more: str = "") -> None:
        to = ", ".join(f'"{one}"' for one in TO)
        about = f'host = "127.0.0.1"\nport = {port}\nuser = "office"\nfrom = "importer@example.org"\nto = [{to}]\n'
        self.write(f"[notices.mail]\n{about}{more}\n")

    def hook(self, url: str, more: str = "") -> None:
        self.write(f'[notices.webhook]\nurl = "{url}"\n{more}\n')

    def conclude(self, result: Result, name: str = NEW.name) -> Submission:
        """A submission that ends with this result."""
        channels = read_channels(read_settings({}, self.environment, lambda _: None))
        with closing(Database(self.store)) as database:
            new = replace(NEW, profile="", name=name)
            taken = take(database, add_submission(database, new, {new.files[0].sha256: b""}))
            assert taken is not None
            assert conclude(database, replace(taken, looks=1), 900.0, result, channels) is SubmissionState.DONE
            return find_submission(database, taken.id)

    def send(self) -> None:
        senders = senders_of([""], self.environment)
        assert senders
        send_due(self.store, senders, lambda key, facts: self.faults.append((key, facts)))

    def rows(self) -> list[tuple[str, str, int]]:
        """Recipient, state and number of tries of each notice."""
        with closing(Database(self.store)) as database, database.reading() as connection:
            rows = connection.execute("SELECT target, state, attempts FROM notices ORDER BY id").fetchall()
        return [tuple(row) for row in rows]

    def change(self, columns: str = "due = 0") -> None:
        """Changes the notices in the store; if nothing else is said, all of them are due."""
        with closing(Database(self.store)) as database, database.transaction() as connection:
            connection.execute(f"UPDATE notices SET {columns}")  # noqa: S608  the words of the tests below


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.chdir(tmp_path)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    return Office(tmp_path, authority)


@pytest.mark.parametrize("is_implicit", [False, True])
def test_a_mail_goes_under_tls_to_each_recipient_once_with_outcome_next_step_and_place_of_the_report(
    office: Office, is_implicit: bool
) -> None:
    result = replace(troubled_run(), exit_code=1, report="/srv/reports/r.html")
    with mail_server(office.certificate, is_implicit=is_implicit) as mailbox:
        office.mail(mailbox.port, f'tls = "{"implicit" if is_implicit else "starttls"}"')
        ended = office.conclude(result)
        office.send()
        office.send()
    assert mailbox.recipients == [*TO] and mailbox.logins == [("office", PASSWORD)] * 2
    mail = mailbox.mails[0]
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (
        "importer@example.org",
        ", ".join(TO),
        "auto-generated",
    )
    assert mail["Subject"] == f"june.xlsx: {headline(result, Language.ES).text}"
    text = mail.get_content()
    for part in ("june.xlsx", "Unión Mexicana del Norte", "/srv/reports/r.html", f"importer resume {result.run}"):
        assert part in text, text
    assert f"Entrega: {ended.id}" in text and "Qué hacer ahora" in text
    assert [row[1:] for row in office.rows()] == [("sent", 1)] * 2 and not office.faults


def test_neither_a_secret_nor_an_amount_leaves_unless_amounts_are_asked_for(office: Office) -> None:
    result = good_run()
    amount = next(one.debit for one in result.documents)
    assert amount is not None
    with mail_server(office.certificate) as mailbox, webhook(office.certificate) as hook:
        office.mail(mailbox.port, f'[notices.webhook]\nurl = "{hook.url}"')
        office.conclude(result)
        office.send()
        office.mail(mailbox.port, f'amounts = true\n[notices.webhook]\nurl = "{hook.url}"\namounts = true')
        office.conclude(result)
        office.send()
    without, with_amounts = (json.loads(body) for _, body in hook.posted)
    assert "amounts" not in without and list(with_amounts["amounts"]) == ["MXN1"]
    first, last = mailbox.mails[0].get_content(), mailbox.mails[-1].get_content()
    assert "MXN1" not in first and "MXN1" in last and not any(mark in first for mark in (".00", ",00"))
    for content in (
        *mailbox.raw,
        *(body for _, body in hook.posted),
        *(str(posted[0]).encode() for posted in hook.posted),
    ):
        assert not any(secret.encode() in content for secret in SECRET_TEXTS)


def test_the_webhook_is_signed_as_standard_webhooks_says_and_the_same_again_when_it_is_tried_again(
    office: Office,
) -> None:
    with webhook(office.certificate, (503, {}), (500, {})) as hook:
        office.hook(hook.url)
        ended = office.conclude(troubled_run())
        for _ in range(4):
            office.send()
            office.change()
    assert len(hook.posted) == 3 and office.rows() == [("webhook", "sent", 3)]
    assert len({(headers["webhook-id"], body) for headers, body in hook.posted}) == 1
    for headers, body in hook.posted:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, signed, "sha256").digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
    document = json.loads(hook.posted[0][1])
    assert (document["schema"], document["event"], document["submission"]) == ("importer.notice/1", "done", ended.id)
    assert [key for key, _ in office.faults] == ["notice-failed"] * 2 and "503" in office.faults[0][1]["detail"]
    assert {facts["about"] for _, facts in office.faults} == {ended.name}


def test_a_receiver_whose_certificate_is_not_trusted_gets_nothing(office: Office) -> None:
    strangers = [trustme.CA().issue_cert("127.0.0.1"), office.authority.issue_cert("another.example.org")]
    for certificate in strangers:
        for is_implicit in (False, True):
            with mail_server(certificate, is_implicit=is_implicit) as mailbox, webhook(certificate) as hook:
                tls = "implicit" if is_implicit else "starttls"
                office.mail(mailbox.port, f'tls = "{tls}"\n[notices.webhook]\nurl = "{hook.url}"')
                office.conclude(troubled_run())
                office.send()
                assert not hook.posted and not mailbox.raw and not mailbox.logins and "MAIL" not in mailbox.said
    assert {row[1] for row in office.rows()} == {"waiting"}
    assert all("certifica" in facts["detail"].lower() for _, facts in office.faults) and len(office.faults) == 12


def test_a_mail_server_without_tls_is_given_neither_password_nor_mail(office: Office) -> None:
    with mail_server(None) as mailbox:
        office.mail(mailbox.port)
        office.conclude(troubled_run())
        office.send()
    assert mailbox.said == ["EHLO"] * 2 and not mailbox.logins and not mailbox.raw
    assert "STARTTLS" in office.faults[0][1]["detail"]


def test_a_mail_server_that_speaks_a_byte_at_a_time_has_one_deadline_for_all_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MAIL_SECONDS", 0.3)
    with slow_mail_server() as port:
        office.mail(port)
        office.conclude(troubled_run())
        with closing(Database(office.store)) as database, database.transaction() as connection:
            connection.execute("DELETE FROM notices WHERE target = ?", (TO[1],))
        office.send()
    (fault,) = (facts["detail"] for _, facts in office.faults)
    assert "timed out" in fault and office.rows() == [(TO[0], "waiting", 1)]


def test_each_channel_is_told_of_the_outcomes_that_it_asks_for() -> None:
    mail = replace(MAIL, to=TO[:1], outcomes=("doubt", "approval"))
    channels = Channels("", Language.EN, mail, Webhook("https://h.example", outcomes=("done", "failed")))

    def asked(state: SubmissionState, code: int | None) -> list[str]:
        ended = replace(ATTEMPT, state=state, exit_code=code, stop="needs-approval 17")
        return [one.target for one in notices_of(ended, troubled_run(), channels)]

    assert asked(SubmissionState.APPROVAL, 1) == asked(SubmissionState.DONE, 4) == [TO[0]]
    assert asked(SubmissionState.DONE, 0) == asked(SubmissionState.STOPPED, 3) == ["webhook"]
    assert asked(SubmissionState.REJECTED, 1) == ["webhook"] and asked(SubmissionState.DONE, 1) == []
    assert [one.target for one in notices_of_failure("folder 7-a", "june.xlsx", "why", channels)] == ["webhook"]
    assert set(channels.targets()) == {TO[0], "webhook"}


def test_a_redirect_is_not_followed_and_its_target_gets_nothing(office: Office) -> None:
    with webhook(office.certificate) as other, webhook(office.certificate, (307, {"Location": other.url})) as hook:
        office.hook(hook.url)
        office.conclude(troubled_run())
        office.send()
    assert len(hook.posted) == 1 and not other.posted
    assert "notices.webhook.url" in office.faults[0][1]["detail"] and office.rows() == [("webhook", "waiting", 1)]


def test_a_recipient_who_is_refused_keeps_the_mail_from_nobody_and_is_dropped_after_so_many_tries(
    office: Office,
) -> None:
    with mail_server(office.certificate, refused_recipients=frozenset(TO[:1])) as mailbox:
        office.mail(mailbox.port)
        office.conclude(troubled_run())
        office.send()
        office.change(f"attempts = {MOST_TRIES - 2} WHERE state = 'waiting'")
        for _ in range(4):
            office.change()
            office.send()
    assert mailbox.recipients == [TO[1]] and len(mailbox.mails) == 1
    assert office.rows() == [(TO[0], "dropped", MOST_TRIES), (TO[1], "sent", 1)]
    assert [key for key, _ in office.faults] == ["notice-failed"] * 2 + ["notice-dropped"]
    assert "550" in office.faults[-1][1]["detail"] and office.faults[-1][1]["count"] == str(MOST_TRIES)


def test_what_cannot_be_sent_waits_and_the_pauses_grow(office: Office) -> None:
    with mail_server(office.certificate, refusals=["451 4.7.1 later"] * 4) as mailbox:
        office.mail(mailbox.port)
        office.conclude(troubled_run())
        pauses = []
        for _ in range(2):
            office.send()
            office.send()  # not due: nothing is tried
            with closing(Database(office.store)) as database, database.reading() as connection:
                pauses.append(connection.execute("SELECT MAX(due - clock()) FROM notices").fetchone()[0])
            office.change()
        office.send()
    assert 20 < pauses[0] <= 30 and 50 < pauses[1] <= 60
    assert len(mailbox.mails) == 2 and len(office.faults) == 4
    assert office.rows() == [(one, "sent", 3) for one in TO]


def test_a_hostile_name_of_a_workbook_or_company_makes_no_header_and_no_recipient(office: Office) -> None:
    result = replace(troubled_run(), company=Company(5, f"Unión {HOSTILE}"))
    with mail_server(office.certificate) as mailbox, webhook(office.certificate) as hook:
        office.mail(mailbox.port, f'[notices.webhook]\nurl = "{hook.url}"')
        office.conclude(result, HOSTILE)
        office.send()
    assert not office.faults and mailbox.recipients == [*TO]
    for mail in mailbox.mails:
        assert mail["Bcc"] is None and mail["To"] == ", ".join(TO)
        assert not {"\x1b", "\u202e", "\u2028", "\r"} & set(mail["Subject"] + mail.get_content().replace("\r\n", "\n"))
    assert json.loads(hook.posted[0][1])["workbook"].startswith("june\\u000d\\u000aBcc")


TEXTS = st.text(st.characters(), max_size=300)
MAIL = Mail("mail.example.org", "importer@example.org", TO)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=50, deadline=None)
def test_whatever_a_workbook_is_called_its_mail_has_the_same_headers(name: str, company: str, words: str) -> None:
    ended = replace(ATTEMPT, name=name, state=SubmissionState.STOPPED)
    result = replace(troubled_run(), company=Company(5, company))
    channels = Channels("", Language.FR, MAIL, Webhook("https://h.example"))
    for ending in (result, SetupError("submission-folder", folder=words, detail=company)):
        notice = notices_of(ended, ending, channels)[0]
        content = Content(**json.loads(notice.content))
        sent = mail_of("k", START, content, MAIL, Language.FR, b"<html>").as_bytes()
        found = message_from_bytes(sent, policy=default)
        names = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
        assert sorted(found.keys()) == sorted(names)
        assert (found["To"], found["From"]) == (", ".join(TO), MAIL.sender)
        assert all(len(line) <= 998 for line in sent.split(b"\r\n"))


def test_the_report_goes_with_the_mail_only_where_that_is_set(office: Office) -> None:
    result = troubled_run()
    (office.folder / "reports").mkdir()
    (office.folder / "reports" / f"{result.run}.html").write_text("<p>the report</p>")
    with mail_server(office.certificate) as mailbox:
        for more in ("", "attach_report = true"):
            office.mail(mailbox.port, more)
            office.conclude(result)
            office.send()
        (office.folder / "reports" / f"{result.run}.html").unlink()
        office.conclude(result)
        office.send()
    attached = [[part.get_content() for part in mail.iter_attachments()] for mail in mailbox.mails]
    assert attached == [[], [], *[["<p>the report</p>"]] * 2, [], []]


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_sender_that_is_killed_once_the_server_has_the_mail_sends_it_again_once_and_as_the_same(
    office: Office,
) -> None:
    senders = list[subprocess.Popen[bytes]]()
    code = (
        "import os, importer.team.channels as c, importer.team.notices as n\n"
        "n.send_due(os.environ['IMPORTER_STORE'], c.senders_of([''], os.environ), print)"
    )

    def start() -> None:
        senders.append(subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **office.environment}))

    with mail_server(office.certificate) as mailbox:
        office.mail(mailbox.port)
        office.conclude(troubled_run())
        mailbox.on_mail = lambda: senders[-1].kill() if len(senders) < 3 else None
        for _ in range(3):
            start()
            senders[-1].wait(60)
            office.change()
    assert office.rows() == [(TO[0], "sent", 3), (TO[1], "sent", 1)]
    assert mailbox.recipients == [TO[0], TO[0], TO[0], TO[1]]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2


def test_one_who_is_killed_at_every_try_gives_up_too(office: Office) -> None:
    with mail_server(office.certificate) as mailbox:
        office.mail(mailbox.port)
        office.conclude(troubled_run())
        office.change(f"attempts = {MOST_TRIES}")
        office.send()
    assert not mailbox.mails and {row[1] for row in office.rows()} == {"dropped"}
    assert [key for key, _ in office.faults] == ["notice-dropped"] * 2


def test_a_notice_that_makes_no_sense_is_a_fault_and_the_next_one_is_sent(office: Office) -> None:
    with mail_server(office.certificate) as mailbox:
        office.mail(mailbox.port)
        with closing(Database(office.store)) as database:
            add_notices(database, [Notice("submission 0 done", "", TO[0], "[]")])
        office.conclude(troubled_run())
        office.send()
    assert mailbox.recipients == [*TO] and [row[1] for row in office.rows()] == ["waiting", "sent", "sent"]
    assert "ValidationError" in office.faults[0][1]["detail"]


def test_waiting_for_approval_is_said_once_with_its_command_and_what_goes_on_is_not_said() -> None:
    channels = Channels("", Language.EN, MAIL)
    waiting = replace(ATTEMPT, state=SubmissionState.APPROVAL, stop="needs-approval 17")
    first = notices_of(waiting, troubled_run(), channels)
    again = notices_of(replace(waiting, id=2, attempts=2), troubled_run(), channels)  # the schedule's next one
    assert [one.about for one in first] == [one.about for one in again]
    content = json.loads(first[0].content)
    assert content["command"] == "importer approve 17" and "request 17" in content["outcome"]
    for state in set(SubmissionState) - {"done", "stopped", "rejected", "approval"}:
        assert notices_of(replace(ATTEMPT, state=state), troubled_run(), channels) == []
    assert notices_of(waiting, troubled_run(), None) == []


def test_what_could_not_run_says_why_and_where_to_look(tmp_path: Path) -> None:
    stopped = replace(ATTEMPT, state=SubmissionState.STOPPED, stop="login-refused", source="folder 7-a", looks=0)
    stopped = replace(stopped, origin=str(tmp_path / "june.xlsx"), name="june.xlsx")
    refused = CredentialsRefused("login-refused", userid="treasurer")
    content = json.loads(notices_of(stopped, refused, Channels("", Language.EN, MAIL))[0].content)
    assert content["outcome"] == sentence_of(refused, Language.EN)
    assert content["report"] == str(tmp_path / "failed" / "june.7-a.html")
    assert content["command"] == "importer submissions 1"
    died = json.loads(notices_of(stopped, None, Channels("", Language.EN, MAIL))[0].content)
    assert died["outcome"] == say(Language.EN, "notice.died")


def test_what_is_found_again_is_kept_once(office: Office) -> None:
    office.mail(1)
    failure = notices_of_failure("folder 7-a", "june.xlsx", "why", Channels("", Language.EN, MAIL))
    with closing(Database(office.store)) as database:
        add_notices(database, failure)
        add_notices(database, failure)
    assert len(office.rows()) == len(TO)


def test_what_cannot_be_handed_in_is_said_with_the_reason(office: Office) -> None:
    """A workbook of a watched folder, and a folder of the schedule."""
    office.mail(1)
    with watching(office.folder) as (folder, watcher):
        (folder / "june.xlsx").write_bytes(b"PK\x03\x04 cut off")
        for seconds in (0, PATIENCE * STABLE):
            watcher.look(seconds)
        (report,) = (folder / "failed").glob("june.*.html")
        testing = pytest.importorskip("procrastinate.testing", reason="PostgreSQL: pip install -e '.[dev]' brings it")
        pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")
        from procrastinate import App

        from importer.team.queue import OWN_QUEUE, add_scheduled

        app = App(connector=testing.InMemoryConnector())
        line = ScheduledFolder("july", "0 6 * * *", str(office.folder / "not there"))
        add_scheduled(app, office.store, line, dict(os.environ), lambda _: None)
        for _ in range(2):
            with pytest.raises(SetupError):
                asyncio.run(app.tasks[f"{OWN_QUEUE} july"](timestamp=7))
    with closing(Database(office.store)) as database, database.reading() as connection:
        rows = connection.execute("SELECT about, content FROM notices ORDER BY id").fetchall()
    contents = [json.loads(text) for _, text in rows]
    assert [one["workbook"] for one in contents] == ["june.xlsx"] * 2 + [line.folder] * 2
    assert contents[0]["report"] == str(report) and {one["event"] for one in contents} == {"not-submitted"}
    assert contents[0]["outcome"] == sentence_of(SetupError("folder-damaged", file="june.xlsx"), Language.ES)
    assert "not there" in contents[2]["outcome"] and rows[2][0] == "schedule july 7"


GOOD = 'host = "h.example"\nfrom = "a@example.org"\nto = ["b@example.org"]\n'


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [
        ("notices = 3", "bad-setting", "notices"),
        ("[notices]\nmail = 3", "bad-setting", "notices.mail"),
        ("[notices]\nto = 3", "unknown-setting", "notices.to"),
        ("[notices.mail]\n", "notices-incomplete", "notices.mail"),
        ("[notices.webhook]\namounts = true", "notices-incomplete", "notices.webhook"),
        (f'[notices.mail]\n{GOOD}password = "x"', "secret-in-file", "notices.mail.password"),
        ('[notices.webhook]\nurl = "https://h.example"\nsecret = "x"', "secret-in-file", "notices.webhook.secret"),
        (f"[notices.mail]\n{GOOD}port = 65536", "bad-setting", "notices.mail.port"),
        (f'[notices.mail]\n{GOOD}tls = "none"', "bad-setting", "notices.mail.tls"),
        (f"[notices.mail]\n{GOOD}amounts = 1", "bad-setting", "notices.mail.amounts"),
        (f"[notices.mail]\n{GOOD}outcomes = []", "bad-setting", "notices.mail.outcomes"),
        (f'[notices.mail]\n{GOOD}outcomes = ["posted"]', "bad-setting", "notices.mail.outcomes"),
        (f"[notices.mail]\n{GOOD}cc = []", "unknown-setting", "notices.mail.cc"),
        ('[notices.mail]\nhost = "h:1"\nfrom = "a@b"\nto = ["a@b"]', "bad-setting", "notices.mail.host"),
        ('[notices.mail]\nhost = "h"\nfrom = "a@b\\nBcc: c@d"\nto = ["a@b"]', "bad-setting", "notices.mail.from"),
        ('[notices.mail]\nhost = "h"\nfrom = "a@b"\nto = ["a@b, c@d"]', "bad-setting", "notices.mail.to"),
        ('[notices.mail]\nhost = "h"\nfrom = "a@b"\nto = []', "bad-setting", "notices.mail.to"),
        ('[notices.webhook]\nurl = "http://h.example/hook"', "bad-setting", "notices.webhook.url"),
        ('[notices.webhook]\nurl = "https://u:p@h.example/"', "bad-setting", "notices.webhook.url"),
    ],
)
def test_a_mistake_in_the_settings_is_named_in_every_language(office: Office, text: str, key: str, name: str) -> None:
    office.write(text)
    with pytest.raises(SetupError, match=key) as caught:
        read_channels(read_settings({}, office.environment, lambda _: None))
    for language in Language:
        assert name in sentence_of(caught.value, language)


def test_a_profile_has_notices_of_its_own_and_without_any_there_are_none(office: Office) -> None:
    office.write("[profile.north]", f"[profile.south.notices.mail]\n{GOOD}")
    given = {**office.environment}
    assert list(senders_of(["", "north", "south"], given)) == ["south"]
    assert read_settings({"profile": "south"}, given, lambda _: None).profile == "south"


def test_secrets_come_from_a_file_bound_to_its_server_or_the_environment_and_are_demanded(office: Office) -> None:
    file = office.folder / "secrets.toml"

    def sender(text: str, **environment: str) -> object:
        file.write_text(text)
        file.chmod(0o600)
        found = sender_of(read_settings({}, environment, lambda _: None), environment)
        assert found is not None
        return found.password and found.password.reveal(), found.key and found.key.reveal()

    place = f"secrets = {json.dumps(str(file))}"
    office.write(
        f'[notices]\n{place}\n[notices.mail]\nuser = "office"\n{GOOD}', '[notices.webhook]\nurl = "https://h.example"'
    )
    of_file = 'smtp_host = "h.example"\nsmtp_user = "office"\nsmtp_password = "p of the file"\n'
    key = SECRETS["IMPORTER_WEBHOOK_SECRET"]
    assert sender(f'{of_file}webhook_secret = "{key}"', **SECRETS) == ("p of the file", key)
    assert sender("", **SECRETS) == (PASSWORD, key)
    for text, environment, error in (
        (of_file, {}, "notices-no-secret"),
        (f'webhook_secret = "{key}"', {}, "notices-no-secret"),
        (of_file.replace("h.example", "evil.example"), SECRETS, "secrets-of-another"),
        (of_file.replace('"office"', '"other"'), SECRETS, "secrets-of-another"),
        ('smtp_password = "p"', SECRETS, "secrets-incomplete"),
        ('password = "p"', SECRETS, "unknown-setting"),
        ("", SECRETS | {"IMPORTER_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "bad-setting"),
        ("", SECRETS | {"IMPORTER_SMTP_PASSWORD": "contraseña"}, "bad-setting"),
    ):
        with pytest.raises(SetupError, match=error) as caught:
            sender(text, **environment)
        assert not any(secret in sentence_of(caught.value, Language.EN) for secret in (key, "contraseña", "p of the"))


@pytest.mark.long
def test_a_workbook_that_is_put_into_a_folder_or_submitted_ends_with_a_notice(office: Office) -> None:
    """The watcher and, with PostgreSQL, the worker send it by themselves."""
    arrived = threading.Event()
    with faulty_service(others=False) as service, mail_server(office.certificate) as mailbox, ExitStack() as stack:
        mailbox.on_mail = lambda: arrived.set() if len(mailbox.mails) == len(TO) else None
        office.mail(mailbox.port)
        given = home_in(office.folder) | settings_for(service.url, office.folder / "s.db") | SECRETS
        watched = office.folder / "drop"
        watched.mkdir()
        batch(office.folder, 1).path.rename(watched / "june.xlsx")
        stack.enter_context(running(["watch", str(watched), "--stable", "0.1", "--every", "0.1"], office.folder, given))
        assert arrived.wait(60)
        text = mailbox.mails[0].get_content()
        assert "june.xlsx" in text and str(watched / "done") in text
        stack.close()

        psycopg = pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")
        assert psycopg and service.posted.total() == 1
        arrived.clear()
        mailbox.mails.clear()
        with new_address() as store:
            given |= {"IMPORTER_STORE": store}
            (office.folder / "july").mkdir()
            handed_in = importer("submit", batch(office.folder / "july", 2).path, folder=office.folder, **given)
            assert handed_in.code == 0, handed_in.err
            with running(["worker"], office.folder, given):
                assert arrived.wait(60)
        assert "importer submissions" not in mailbox.mails[0].get_content()


@contextmanager
def running(arguments: list[str], folder: Path, given: Mapping[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "importer", *arguments]
    environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(folder / "cache"), **given}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)
