"""The ways in which a service may write a secret that it was sent, once its answer has been decoded."""

import html
import json
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus


def spellings_of(secret: str) -> list[str]:
    """Plain, for JSON, URLs, HTML and Python, once and twice over, in hexadecimal, in Base64 alone and within more, in
    other character sets."""
    escaped = json.dumps(secret)[1:-1]
    octets = secret.encode()
    encoded = [b64encode(before + octets + after) for before in (b"", b"u:", b"x") for after in (b"", b"end")]
    return [
        secret,
        escaped,
        json.dumps(escaped)[1:-1],
        json.dumps(json.dumps(escaped))[1:-1],
        escaped.replace("/", "\\/").upper().replace("\\U", "\\u") if secret.isupper() else escaped.replace("/", "\\/"),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(quote(secret, safe=""), safe=""),
        quote(secret, safe="", encoding="latin-1", errors="replace"),
        html.escape(secret),
        secret.encode("ascii", "xmlcharrefreplace").decode(),
        repr(octets)[2:-1],
        ascii(secret)[1:-1],
        octets.hex(),
        octets.hex().upper(),
        *(one.decode() for one in encoded),
        *(one.decode().rstrip("=") for one in encoded),
        *(quote(one.decode(), safe="") for one in encoded),
        *(urlsafe_b64encode(octets).decode(),),
        unicodedata.normalize("NFD", secret),
        secret.encode("ascii", "replace").decode(),
        octets.decode("latin-1"),
    ]


def traces_of(secret: str, text: str) -> list[str]:
    """What of the secret can be read in a text: every spelling of it that stands there whole."""
    within = {one for one in spellings_of(secret) if one in text}
    return sorted(within)
