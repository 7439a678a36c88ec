"""The answer to a request, from the bytes of the connection. llhttp reads it (httptools): strictly, in C."""

from collections.abc import Callable
from typing import Protocol

import httptools

from importer.errors import AnswerUnclear
from importer.services.connection import Cut
from importer.services.operations import LIST, MEGABYTE

PRACTICE_HEADER = "X-Importer-Sandbox"
LARGEST_HEAD = 256 * 1024
"""Together with what interim answers add."""

_MOST_AROUND_A_BYTE = 16
"""What may be received for each byte of the body: chunks of one byte have six around it."""

_PRACTICE = PRACTICE_HEADER.lower().encode()
_LENGTH = b"content-length"
_TELL_THE_LENGTH = (_LENGTH, b"transfer-encoding")
_INTERIM = range(100, 200)
_SWITCHES_PROTOCOLS = 101


class _StatusOf(Protocol):
    def get_status_code(self) -> int: ...


class ParsedAnswer:
    """An answer as far as it has come. The `on_` methods are called by the parser."""

    def __init__(self, *, has_body: bool) -> None:
        self.status = 0
        self.body = bytearray()
        self.practice = self.date = ""
        self.size = 0
        """Bytes of the body, as far as is known: told by its head, or come."""
        self.is_complete = False
        self.parser: _StatusOf | None = None
        self._has_body = has_body
        self._is_in_head = False
        self._length_is_told = False

    def on_message_begin(self) -> None:
        """An answer begins, interim or final. Raises Cut for one more than was asked for."""
        if self.is_complete:
            raise Cut("more than one answer")
        self._is_in_head, self._length_is_told, self.practice, self.date, self.size = True, False, "", "", 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of the head, or of the trailer."""
        if not self._is_in_head:
            return  # a trailer
        name = name.lower()
        if name in _TELL_THE_LENGTH:
            self._length_is_told = True
            if name == _LENGTH and value.strip().isdigit():
                self.size = int(value)
        elif name == _PRACTICE:
            self.practice = value.decode(errors="replace")
        elif name == b"date":
            self.date = value.decode(errors="replace")

    def on_headers_complete(self) -> None:
        """The head is over. Raises Cut for a status that nothing asked for."""
        self._is_in_head = False
        self.status = self.parser.get_status_code() if self.parser else 0
        if self.status < _INTERIM.start or self.status == _SWITCHES_PROTOCOLS:
            raise Cut("a status that nothing asked for")
        self.is_complete = not self._has_body and self.status not in _INTERIM

    def on_body(self, content: bytes) -> None:
        """A part of the body. Raises Cut where there is to be none."""
        if self.is_complete:
            raise Cut("a body where there is none")
        self.body += content
        self.size = max(self.size, len(self.body))

    def on_message_complete(self) -> None:
        """The answer has come whole; after an interim one the next follows."""
        self.is_complete = self.status not in _INTERIM

    @property
    def has_a_body(self) -> bool:
        """False for an answer to HEAD, whose head tells the length of another answer's body."""
        return self._has_body

    @property
    def ends_with_the_connection(self) -> bool:
        """True when only the end of the connection says that the body has ended."""
        return not (self._is_in_head or self._length_is_told) and self.status >= _INTERIM.stop


def read_answer(receive: Callable[[], bytes], method: str, most: int = LIST) -> ParsedAnswer:
    """The complete answer to a request of that method; `receive` gives what comes next, b"" at the connection's end.

    Interim answers (1xx) are passed over. Nothing is unpacked: a packed answer was not asked for, and a small one can
    unpack to gigabytes. Raises Cut for an answer that is not whole, or is none, AnswerUnclear (`too-large`) for a body
    of more than `most` bytes, before it is read where its head tells.
    """
    answer = ParsedAnswer(has_body=method != "HEAD")
    parser = answer.parser = httptools.HttpResponseParser(answer)
    parser.set_dangerous_leniencies(lenient_spaces_after_chunk_size=True)  # some servers fill it up to eight digits
    came = 0
    try:
        while not answer.is_complete:
            if not (received := receive()):
                if answer.ends_with_the_connection:
                    break
                raise Cut("an end in the middle")
            came += len(received)
            parser.feed_data(received)
            if answer.size > most and answer.has_a_body:
                raise AnswerUnclear("too-large", most=f"{most / MEGABYTE:g}")
            if came > LARGEST_HEAD + _MOST_AROUND_A_BYTE * len(answer.body):
                raise Cut("a head without end")
    except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
        if isinstance(error.__context__, KeyboardInterrupt | MemoryError):
            raise error.__context__ from None
        raise Cut(str(error)) from error
    finally:
        answer.parser = None  # the two hold each other, and the body with them
    return answer
