"""The command line: exit codes, standard output and error, files that cannot be used, settings that are wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.translations import Language, say
from tests.cli.commands import ROOT, forked_with, home_in, importer, importer_forked, settings_for
from tests.cli.workbooks import line, write
from tests.independent_service import independent_service
from tests.services.odd_service import odd_service, reply

GOOD = ROOT / "samples" / "journals-june.xlsx"


def good(path: Path) -> Path:
    return write(path, [line("A", "D", 5), line("A", "C", 5)])


@pytest.mark.parametrize(
    "typed",
    [
        *("", "run", "run x.xlsx --no-such-flag", "template nothing", "check x --lang de", "post"),
        *("attach", "attach 5326", "attach 5326 bill.pdf --list", "attach x bill.pdf", "attach 0 bill.pdf"),
        *("attach 5326 bill.pdf --line 0", "detach 5326", "print", "print x", "print 5328-5326", "print 1-501"),
        *("print 0", "print 5326 --format poster", "print 5326 5327 -o one.pdf"),
        *("stamps", "stamps 2019-13", "stamps 2019010", "stamps 2019-10 --pdf x --csv x"),
        *("get", "get nothing", "get budget", "get budget nothing", "get balance", "get dimensions --dimension 11"),
        *("get balance --account 1 --period 201806", "get balance --account 1 --period 2018-06"),
        "get cash-count --account 1 --from 20180601 --to 2018-06-30",
        "get cash-count --account 1 --from 01/06/2018 --to 2018-06-30",
        *("get journals x", "get company -o file.doc", "get company --format pdf"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2_before_any_setting_is_asked_for(typed: str, tmp_path: Path) -> None:
    ended = importer(*typed.split(), folder=tmp_path)
    assert (ended.code, ended.out) == (2, "") and ended.err


@pytest.mark.parametrize(
    "typed",
    [
        *("get company", "stamps 2019-10", "employee activate ER00000 --payroll 27"),
        *("print 5326 -o voucher.pdf", "attach 5326 bill.pdf"),
    ],
)
def test_in_the_sandbox_no_account_is_needed_and_nothing_is_left(typed: str, tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.4")
    ended = importer(*typed.split(), "--sandbox", folder=tmp_path)
    assert ended.code == 0, ended.err
    assert not list(tmp_path.rglob("*.db"))
    assert ended.out or (tmp_path / "voucher.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("rn", "run"), ("templte", "template"), ("get acounts", "accounts"), ("store chek", "check")],
)
def test_a_misspelt_command_is_answered_with_the_nearest(typed: str, suggested: str, tmp_path: Path) -> None:
    ended = importer(*typed.split(), folder=tmp_path)
    assert ended.code == 2 and suggested in ended.err.splitlines()[-1].partition("Did you mean")[2], ended.err
    assert "Did you mean" not in importer("zzzz", folder=tmp_path).err


def test_a_run_that_cannot_start_says_why_where_nobody_sees_the_summary(tmp_path: Path) -> None:
    ended = importer("run", good(tmp_path / "a.xlsx"), folder=tmp_path)
    assert ended.code == 3 and "Run “importer login”" in ended.err.splitlines()[-1], ended.err


def test_a_workbook_that_is_open_elsewhere_is_named(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    good(tmp_path / "b.xlsx")
    (tmp_path / "~$a.xlsx").write_bytes(b"\x05Rosa")
    for path in ("a.xlsx", "."):
        ended = importer("check", path, folder=tmp_path)
        assert ended.code == 0 and ended.err.count("a.xlsx seems to be open in a spreadsheet program") == 1, ended
        assert "b.xlsx" not in ended.err
    assert importer("check", "b.xlsx", folder=tmp_path).err == ""


def test_a_policy_that_is_not_there_is_told_in_the_reader_s_language(tmp_path: Path) -> None:
    told = importer("policy", "set", "none.toml", folder=tmp_path, IMPORTER_LANG="es")
    assert told.code == 3 and "none.toml no se puede leer: no existe ese archivo o carpeta." in told.err


def test_no_submissions_are_an_answer(tmp_path: Path) -> None:
    assert importer("submissions", folder=tmp_path).out == "Nothing has been submitted yet.\n"


def test_heavy_libraries_are_not_loaded_for_help(tmp_path: Path) -> None:
    heavy = "polars httpx openpyxl xlsxwriter starlette uvicorn jinja2 rich msgspec sqlite3 psycopg ssl"
    heavy += " platformdirs importer.settings"
    code = (
        "import sys; from importer.cli import exit_code_of_command as run; run(['--help']);"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, env=home_in(tmp_path)
    )
    assert ended.stdout.endswith("[]\n")


def test_a_check_without_a_service_loads_nothing_that_only_a_service_needs(tmp_path: Path) -> None:
    workbook = good(tmp_path / "june.xlsx")
    needless = (
        "httpx msgspec keyring openpyxl xlsxwriter starlette psycopg importer.post importer.store.database"
        " importer.report.corrections importer.templates.lists"
    )
    code = (
        f"import sys; from importer.cli import exit_code_of_command as run; run(['check', {str(workbook)!r}]);"
        f"print([name for name in {needless.split()!r} if name in sys.modules])"
    )
    words, home = [sys.executable, "-c", code], home_in(tmp_path)
    ended = subprocess.run(words, capture_output=True, encoding="utf-8", check=True, env=home, cwd=tmp_path)
    assert ended.stdout.endswith("[]\n")


def test_a_check_writes_what_is_to_be_mended(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [line("A", "D", -5), line("A", "C", 5), line("B", "D", 5), line("B", "C", 5)])
    ended = importer("check", "june.xlsx", "--json", folder=tmp_path)
    (made,) = ended.result["corrections"]
    assert ended.code == 1 and (tmp_path / made).is_file()
    assert {path.suffix for path in (tmp_path / "reports").iterdir()} == {".html", ".csv", ".json", ".xlsx"}


@pytest.mark.parametrize("name", ["nowhere.xlsx", "n" * 300 + ".xlsx", "loop.xlsx"])
def test_a_file_that_is_not_there_is_exit_code_3_and_one_sentence(name: str, tmp_path: Path) -> None:
    if name == "loop.xlsx":
        try:
            (tmp_path / name).symlink_to(name)
        except (OSError, NotImplementedError):
            pytest.skip("no links here")
    ended = importer_forked("check", name, "--json", folder=tmp_path)
    assert ended.code == 3
    (problem,) = ended.result["problems"]
    assert (problem["code"], problem["file"], problem["row"]) == ("unreadable-file", name, None)
    assert problem["message"] == say(Language.EN, "problem.unreadable-file.missing")
    assert name in ended.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told_as_that_and_is_exit_code_3(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    ended = importer_forked("check", "a.xlsx", "closed", "--json", folder=tmp_path)
    assert ended.code == 3
    messages = [problem["message"] for problem in ended.result["problems"]]
    assert messages == [say(Language.EN, "problem.unreadable-file.denied")] * 2


def test_one_unreadable_workbook_does_not_keep_the_others_from_being_posted(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_text("journal;account\n")
    good(tmp_path / "~$a.xlsx")
    with independent_service() as service:
        ended = importer("run", ".", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 3 and len(service.journals) == 1
    assert [one["code"] for one in ended.result["problems"]] == ["no-form-found"]
    assert [file["path"] for file in ended.result["files"]] == ["a.xlsx", "b.xlsx"]


def test_without_a_service_run_says_what_to_set(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    ended = importer("run", "a.xlsx", folder=tmp_path)
    assert ended.code == 3 and "SPX_URL" in ended.out
    ended = importer("run", "a.xlsx", "--json", folder=tmp_path, SPX_URL="https://h.example", SPX_USERID="u")
    assert ended.code == 3 and "SPX_PASSWORD, SPX_EMAIL" in ended.err
    assert [one["status"] for one in ended.result["documents"]] == ["not_sent"]


def test_refused_credentials_are_exit_code_3_after_one_try(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    gone = reply(221, b'{"message": "SPX user not found", "error": true}')
    for command in ("run", "check"):
        with odd_service(gone, grants_logins=False) as service:
            settings = settings_for(service.url, tmp_path / "s.db")
            ended = importer(command, "a.xlsx", "--json", folder=tmp_path, **settings)
        assert ended.code == 3 and len(service.requests) == 1
        assert [one["code"] for one in ended.result["problems"]] == ["service-unavailable"]


def test_a_service_out_of_reach_stops_a_run_and_only_warns_a_check(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    with odd_service() as service:
        pass
    settings = settings_for(service.url, tmp_path / "s.db")
    ended = importer("run", "a.xlsx", "--json", folder=tmp_path, **settings)
    assert (ended.code, ended.result["totals"]["not_sent"]) == (3, 1)
    ended = importer("check", "a.xlsx", "--json", folder=tmp_path, **settings)
    assert (ended.code, [one["code"] for one in ended.result["problems"]]) == (0, ["reference-unavailable"])


def test_an_unknown_outcome_is_exit_code_4_and_stays_so(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    (tmp_path / "importer.toml").write_text('installation = "IAN"\n')  # the second time at another address
    company = reply(200, b'{"response": {"id": 5, "name": "IAN", "rfc": "X"}}')
    failed = reply(201, b'{"message": "Error", "description": "Error", "code": "203", "error": true}')
    for attempt in (1, 2):
        # Five lists cannot be had, which only warns; then the journal is cut.
        with odd_service(company, *[failed] * 5, None) as service:
            settings = settings_for(service.url, tmp_path / "s.db")
            flags = ("--json", "--concurrency", "1", "--no-look", "--no-wait")
            ended = importer("run", "a.xlsx", *flags, folder=tmp_path, **settings)
        sent = [request for request in service.requests if request.startswith(b"POST /journal ")]
        assert ended.code == 4 and len(sent) == (1 if attempt == 1 else 0)
        (document,) = ended.result["documents"]
        assert (document["status"], document["attempts"]) == ("unknown", 1)
        assert "outcome-unknown" in [one["code"] for one in ended.result["problems"]]


def test_the_wrong_company_stops_the_run_unless_any_is_meant(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        table = f'[profile.other]\nurl = "{service.url}"\ncompany_id = 7\nuserid = "{settings["SPX_USERID"]}"\n'
        (tmp_path / "importer.toml").write_text(f'{table}email = "{settings["SPX_EMAIL"]}"\n')
        settings |= {f"{name}__OTHER": settings.pop(name) for name in ("SPX_PASSWORD", "SPX_API_KEY")}
        ended = importer("run", "a.xlsx", "--profile", "other", "--json", folder=tmp_path, **settings)
        assert (ended.code, [one["code"] for one in ended.result["problems"]]) == (3, ["wrong-company"])
        assert service.journals == []
        ended = importer("run", "a.xlsx", "--profile", "other", "--any-company", folder=tmp_path, **settings)
    assert ended.code == 0 and len(service.journals) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('password = "x"', "password"),
        ('colour = "red"', "colour"),
        ("timeout = 0", "timeout"),
        ('timezone = "Mars/Base"', "timezone"),
        ("url = 5", "url"),
        ("not toml", "importer.toml"),
    ],
)
def test_a_settings_file_that_is_wrong_says_where(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "importer.toml").write_text(text + "\n")
    ended = importer("check", GOOD, folder=tmp_path)
    assert ended.code == 3 and told in ended.err and ended.out == ""
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMPORTER_TIMEOUT", "soon"),
        ("IMPORTER_CONCURRENCY", "0"),
        ("IMPORTER_LANG", "de"),
        ("SPX_API_KEY", "a\nb"),
        ("IMPORTER_PROFILE", "nobody"),
    ],
)
def test_an_environment_that_is_wrong_is_named(name: str, value: str, tmp_path: Path) -> None:
    ended = importer("check", GOOD, folder=tmp_path, **{name: value})
    assert ended.code == 3 and (name in ended.err or value in ended.err)


def test_plain_http_leaves_this_machine_never(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    settings = settings_for("http://sunplus.example.org", tmp_path / "s.db")
    ended = importer("run", "a.xlsx", folder=tmp_path, **settings)
    assert ended.code == 3 and "https://" in ended.out


def test_a_store_that_cannot_be_used_stops_before_anything_is_sent(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    (tmp_path / "s.db").write_bytes(b"this is no database" * 100)
    with independent_service() as service:
        ended = importer("run", "a.xlsx", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 3 and service.journals == [] and "s.db" in ended.err


def test_reports_that_cannot_be_written_stop_before_anything_is_sent(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    (tmp_path / "reports").write_text("a file where the folder should be")
    with independent_service() as service:
        ended = importer("run", "a.xlsx", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 3 and service.journals == [] and "reports" in ended.err


def test_a_template_is_written_once_and_filled_in_it_runs(tmp_path: Path) -> None:
    assert importer("template", "journals", "-o", "mine.xlsx", "--lang", "es", folder=tmp_path).code == 0
    assert importer("template", "journals", "-o", "mine.xlsx", folder=tmp_path).code == 3
    assert importer("template", "journals", "-o", "mine.xlsx", "--lang", "es", "--force", folder=tmp_path).code == 0
    with pytest.warns(UserWarning, match="Print area"):
        book = load_workbook(tmp_path / "mine.xlsx")
    sheet = book.worksheets[0]
    wire = ["journal", None, "journalType", "account", "treference", *[None] * 2, "fund"]
    for row, side in enumerate("DC", start=2):
        cells = {name: index for index, name in enumerate(wire, start=1) if name}
        values = {"journal": "A", "journalType": "JV", "account": "101110", "treference": "R", "fund": "10"}
        for name, value in values.items():
            sheet.cell(row, cells[name], value)
        rest: dict[str, object] = {"P": "texto", "Q": side, "R": 5, "S": "MXN1", "T": "2018-06-30", "V": "2018006"}
        for letters, cell in rest.items():
            sheet[f"{letters}{row}"] = cell
    book.save(tmp_path / "mine.xlsx")
    ended = importer("check", "mine.xlsx", "--json", folder=tmp_path)
    assert ended.code == 0 and ended.result["totals"]["ready"] == 1, ended.result["problems"]


def test_json_leaves_standard_output_to_the_document_alone(tmp_path: Path) -> None:
    ended = importer_forked("run", GOOD, "--sandbox", "--json", folder=tmp_path)
    assert ended.out.startswith('{"schema": "importer.result/1"') and ended.out.count("\n") == 1
    assert "All 41 journals are posted." in ended.err


def test_rows_of_a_workbook_that_cannot_be_used_are_in_the_totals_and_nothing_of_it_is_posted(tmp_path: Path) -> None:
    book = load_workbook(good(tmp_path / "a.xlsx"))
    bad = book.create_sheet("Hoja 2")
    for row in book.worksheets[0].iter_rows(values_only=True):
        bad.append(list(row))
    bad["C1"] = "acount"
    book.save(tmp_path / "a.xlsx")
    with independent_service() as service:
        ended = importer("run", "a.xlsx", "--json", folder=tmp_path, **settings_for(service.url, tmp_path / "s.db"))
    assert ended.code == 3 and service.journals == []
    totals = ended.result["totals"]
    assert (totals["rows"], totals["not_sent"], totals["invalid"]) == (4, 1, 1)
    assert [one["code"] for one in ended.result["problems"]] == ["missing-column"]


def test_only_if_clean_looks_at_files_too(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = importer("run", "a.xlsx", "none.xlsx", "--only-if-clean", "--json", folder=tmp_path, **settings)
    assert ended.code == 3 and service.journals == [] and ended.result["totals"]["not_sent"] == 1


@pytest.mark.parametrize("arguments", [("--concurrency", "0"), ("--concurrency", "many"), ("--out", "")])
def test_a_flag_that_makes_no_sense_is_a_wrong_command_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert importer("check", GOOD, *arguments, folder=tmp_path).code == 2


@pytest.mark.parametrize("text", ["company_id = 5.7", "company_id = true", "concurrency = 4.7", "[profile]\nx = 1"])
def test_a_number_that_is_not_whole_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "importer.toml").write_text(text + "\n")
    ended = importer("check", GOOD, folder=tmp_path)
    assert ended.code == 3 and "importer.toml" in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX is needed")
def test_a_standard_output_that_is_closed_from_the_start_changes_nothing_of_the_exit_code(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    with independent_service() as service:
        ended = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m importer run a.xlsx >&-"],
            cwd=tmp_path,
            env=dict(os.environ) | home_in(tmp_path) | settings_for(service.url, tmp_path / "s.db"),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert len(service.journals) == 1 and "Traceback" not in ended.stderr and "rror" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX are needed")
def test_ctrl_c_while_the_program_loads_ends_it_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    ended = subprocess.run(
        [sys.executable, "-c", "from importer.__main__ import main; main()"],
        env=dict(os.environ) | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("check a.xlsx --json >/dev/full", 3, "the disk is full"),
        ("runs --json >/dev/full", 3, "the disk is full"),
        ("--help >/dev/full", 3, "the disk is full"),
        ("runs >&-", 0, ""),
    ],
)
def test_an_answer_that_finds_no_room_is_told_and_one_that_nobody_wants_is_not(
    typed: str, code: int, told: str, tmp_path: Path
) -> None:
    good(tmp_path / "a.xlsx")
    environment = dict(os.environ) | home_in(tmp_path) | {"IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"}
    ended = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m importer {typed}"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == code and told in ended.stderr and "Error" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of the shell plays the full disk")
def test_where_the_page_finds_no_room_the_files_that_did_are_named(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    ended = subprocess.run(
        ["bash", "-c", f"ulimit -f 40; {sys.executable} -m importer check a.xlsx"],
        cwd=tmp_path,
        env=dict(os.environ) | home_in(tmp_path) | {"IMPORTER_STORE": f"sqlite:///{tmp_path / 's.db'}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    written = sorted((tmp_path / "reports").iterdir())
    assert ended.returncode == 3 and "The report cannot be written" in ended.stderr
    assert len(written) == 3 and all(one.name in ended.stderr for one in written)
    assert "Report:" not in ended.stdout and "importer report" not in ended.stderr


def test_of_a_run_whose_page_is_not_written_it_is_said_how_to_have_it(tmp_path: Path) -> None:
    good(tmp_path / "a.xlsx")
    reports = tmp_path / "reports"

    def without_reports(_: object) -> None:
        """The folder is no folder any more when the journal has arrived."""
        if reports.is_dir():
            reports.rmdir()
            reports.write_text("", encoding="utf-8")

    with independent_service(without_reports) as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = importer("run", "a.xlsx", "--yes", folder=tmp_path, **settings)
    (told,) = (line for line in ended.err.splitlines() if "importer report" in line)
    run = told.split("importer report ")[1].split()[0]
    assert ended.code == 3 and len(service.journals) == 1
    assert importer("report", run, "--out", "other", folder=tmp_path, **settings).code == 0
    assert (tmp_path / "other" / f"{run}.html").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
@pytest.mark.parametrize(("closed", "flags"), [(None, ()), (None, ("--json",)), (1, ("--json",)), (0, ())], ids=str)
def test_whoever_hangs_up_changes_nothing_of_the_exit_code(
    closed: int | None, flags: tuple[str, ...], tmp_path: Path
) -> None:
    """Whoever reads the output, or one of the streams, is gone."""
    good(tmp_path / "a.xlsx")
    reads, writes = os.pipe()
    os.close(reads)
    with independent_service() as service:
        settings = settings_for(service.url, tmp_path / "s.db")
        ended = forked_with(["run", "a.xlsx", *flags], tmp_path, settings, writes, closed)
    os.close(writes)
    assert ended.code == 0, ended.err
    assert len(service.journals) == 1 and "rror" not in ended.err


def test_a_stop_is_said_on_standard_error_in_a_sentence(tmp_path: Path) -> None:
    ended = importer_forked("run", "nothing.xlsx", folder=tmp_path)
    assert ended.code == 3 and "nothing.xlsx" in ended.err and ended.err.count("\n") == 1
    as_json = importer_forked("run", "nothing.xlsx", "--json", folder=tmp_path)
    assert as_json.code == 3 and as_json.err.count("nothing.xlsx") == 1
