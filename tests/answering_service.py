"""A service of plain HTTP on a free port of loopback, whose answers are worked out by a function."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Respond = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes] | None]
"""Method, path, headers and body of a request to status and JSON of the answer; None closes the connection."""


@contextmanager
def answering_service(respond: Respond) -> Iterator[str]:
    """The service's address, for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = respond(self.command, self.path, dict(self.headers.items()), raw)
            if answer is None:
                self.close_connection = True
                return
            status, content = answer
            self.send_response_only(status, "X")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _handle

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's own output stays readable."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
