"""What a good engineer writes in an hour: openpyxl, httpx with kept connections, a thread pool; nothing is remembered,
looked for or read back. `python -m tests.benchmarks.peers.hour_script WORKBOOK URL WORKERS` prints how many journals it
posted."""

import ssl
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby
from typing import Any

import httpx
import openpyxl


def journals_of(path: str) -> list[list[dict[str, Any]]]:
    """The lines of each journal as POST /journal takes them."""
    rows = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    names = next(rows)
    lines = [{name: _text(value) for name, value in zip(names, row, strict=True)} for row in rows]
    return [list(group) for _, group in groupby(lines, key=lambda line: line.pop("journal"))]


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else value


def main() -> None:
    """Posts the journals of a workbook."""
    path, url, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    journals = journals_of(path)
    limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
    with httpx.Client(base_url=url, verify=ssl.create_default_context(), limits=limits, timeout=60) as client:
        who = {"userid": "benchmark", "password": "password-of-the-benchmark", "email": "benchmark@example.org"}
        token = client.post("/login", json=who).json()["access_token"]

        def post(lines: list[dict[str, Any]]) -> str:
            answer = client.post(
                "/journal", json={"requestPolicyDetails": lines}, headers={"Authorization": f"Bearer {token}"}
            )
            answer.raise_for_status()
            return str(answer.json()["response"]["journalNumber"])

        with ThreadPoolExecutor(workers) as pool:
            print(len(set(pool.map(post, journals))))


if __name__ == "__main__":
    main()
