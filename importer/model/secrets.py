"""Secrets, and their masking in texts that are shown."""

import re
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache

MASK = "***"
SHORTEST_ANYWHERE = 6
"""Shorter secrets are masked only as a whole word: they stand in other words and numbers by chance."""
SHORTEST_TOKEN = 4
"""The same for tokens."""

_PASSWORD_OF_USER = re.compile(r"^(?!sqlite:)([^:/?]+://[^:@/?]*):.*@")
_PASSWORD_BESIDE = re.compile(r"([?&](?:ssl)?password=)[^&]*")


def without_password(address: str) -> str:
    """The address of a database, to be shown."""
    return _PASSWORD_BESIDE.sub(rf"\g<1>{MASK}", _PASSWORD_OF_USER.sub(r"\1@", address))


class Secret:
    """Holds a password or key; its repr, str and format are a mask, so that no log or traceback can tell it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: call this only where the wire needs it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not to be copied out of the process")


class Masking:
    """Masks the secrets that it was given in texts. Safe to use from several threads.

    Give it texts as they are after decoding: a service may quote a request in any spelling. Found are the secret
    itself, composed and decomposed (Unicode), with letters replaced (`?`) or without their accents, and written for
    URLs, JSON, HTML or Python, once or several times over, in hexadecimal, and in Base64, alone or within more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: dict[Secret, int] = {}

    def add(self, secret: Secret | None, *, is_token: bool = False) -> None:
        """Adds a secret to those that are masked; None and an empty one are ignored. `is_token`: it is masked within
        words from `SHORTEST_TOKEN` characters on."""
        if not secret:
            return
        with self._lock:
            shortest = SHORTEST_TOKEN if is_token else SHORTEST_ANYWHERE
            self._secrets[secret] = min(shortest, self._secrets.get(secret, shortest))

    def forget(self) -> None:
        """Forgets all secrets."""
        with self._lock:
            self._secrets.clear()

    def __call__(self, text: str) -> str:
        """The text with a mask in place of each secret."""
        with self._lock:
            secrets = tuple(self._secrets.items())
        return _pattern_of(secrets, is_marked=_MARK.search(text) is not None).sub(MASK, text) if secrets else text


OF_THIS_PROCESS = Masking()
"""All secrets that this process has been given: what is written to the terminal or into a log goes through it."""


_MARK = re.compile(r"[%\\&?+\ufffd]")
"""One of these is in every way to write a letter otherwise than as a letter."""


@lru_cache(maxsize=16)
def _pattern_of(secrets: tuple[tuple[Secret, int], ...], *, is_marked: bool) -> re.Pattern[str]:
    """What finds the secrets in a text. To compile all ways to write each letter takes a tenth of a second, after each
    login anew; without `is_marked` the ways that need a mark are left out, for texts that have none."""
    longest_first = sorted(secrets, key=lambda item: -len(item[0].reveal()))
    return re.compile("|".join(_one(secret.reveal(), shortest, is_marked) for secret, shortest in longest_first))


def _one(text: str, shortest_anywhere: int, is_marked: bool) -> str:
    spellings = dict.fromkeys((text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))))
    is_anywhere = len(text) >= shortest_anywhere
    found = ["".join(_letter(one, is_marked) for one in spelling) for spelling in spellings]
    for spelling in spellings:
        for encoding in ("utf-8", "latin-1"):
            encoded = spelling.encode(encoding, errors="ignore")
            found += [_hexadecimal(encoded), *_in_base64(encoded, is_within=is_anywhere)]
    either = "|".join(dict.fromkeys(found))
    return f"(?:{either})" if is_anywhere else rf"(?<!\w)(?:{either})(?!\w)"


def _letter(letter: str, is_marked: bool) -> str:
    """All ways to write one character. Counts are bounded: a text of a million backslashes must cost nothing."""
    plain = [re.escape(letter), *_misread(letter)]
    if not is_marked:
        return f"(?:{'|'.join(plain)})" if len(plain) > 1 else plain[0]
    from html.entities import codepoint2name  # a table of two thousand names, for those who have a secret

    code, octets = ord(letter), letter.encode("utf-8", errors="surrogatepass")
    units = letter.encode("utf-16-be", errors="surrogatepass")
    ways = [
        *plain,
        "".join(rf"%(?:25){{0,3}}{_octet(one)}" for one in octets),
        "".join(rf"\\{{1,8}}u{_octet(high)}{_octet(low)}" for high, low in zip(units[::2], units[1::2], strict=True)),
        "".join(rf"\\{{1,8}}x{_octet(one)}" for one in octets),
        rf"&(?:amp;){{0,3}}#0{{0,4}}{code};",
        rf"&(?:amp;){{0,3}}#[xX]0{{0,4}}{_caseless(f'{code:x}')};",
    ]
    if letter in "\"'\\/":
        ways.append(rf"\\{{1,8}}{re.escape(letter) if letter != chr(92) else ''}")
    if code in codepoint2name or letter == "'":
        ways.append(rf"&(?:amp;){{0,3}}{codepoint2name.get(code, 'apos')};")
    if letter == " ":
        ways.append(r"\+")
    if code > 0xFFFF:
        ways.append(rf"\\{{1,8}}U0{{0,4}}{_caseless(f'{code:x}')}")
    if code > 0x7F:
        ways += [r"[?\ufffd]{1,4}", "%(?:25){0,3}3[fF]"]
    if 0x7F < code <= 0xFF:  # in Latin-1
        ways += [rf"%(?:25){{0,3}}{_octet(code)}", rf"\\{{1,8}}x{_octet(code)}"]
    return f"(?:{'|'.join(ways)})"


def _misread(letter: str) -> Iterator[str]:
    """The letters that stand for one outside ASCII: in another character set, and without its accent."""
    if letter.isascii():
        return
    octets = letter.encode("utf-8", errors="surrogatepass")
    yield re.escape(octets.decode("latin-1"))
    yield re.escape(octets.decode("cp1252", errors="replace"))
    plain = unicodedata.normalize("NFD", letter)[0]
    if plain.isascii():
        yield re.escape(plain)


def _octet(octet: int) -> str:
    return _caseless(f"{octet:02x}")


def _caseless(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _hexadecimal(encoded: bytes) -> str:
    return _caseless(encoded.hex())


def _in_base64(encoded: bytes, *, is_within: bool) -> Iterator[str]:
    """The secret in Base64, and with `is_within` also behind one or two other octets: the digits that it alone decides.
    Base64 for URLs too."""
    for before in (0, 1, 2) if is_within else (0,):
        written = b64encode(bytes(before) + encoded).decode()
        certain = written[-(-before * 8 // 6) : (before + len(encoded)) * 8 // 6]
        digits = "".join(_digit(one) for one in certain)
        yield digits if is_within else "".join(map(_digit, written))


def _digit(digit: str) -> str:
    percent = "%(?:25){0,3}"
    others = {"+": rf"[+\-]|{percent}2[bB]", "/": rf"\\{{0,8}}/|_|{percent}2[fF]", "=": rf"=?|{percent}3[dD]"}
    return f"(?:{others[digit]})" if digit in others else digit
