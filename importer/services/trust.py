"""Which certificates are trusted: the system's own, loaded once for all requests.

truststore on Linux loads them at each handshake: some 30 ms of the processor, ten times what all the rest of a post
costs. Its search for them is repeated here, once.
"""

import re
import ssl
import sys
import threading
from pathlib import Path

import truststore

_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where distributions keep their certificates, for a Python whose OpenSSL was built to look elsewhere (the list of
truststore)."""

_HASHED_NAME = re.compile(r"[0-9a-fA-F]{8}\.[0-9]")


class Trust:
    """What the TLS handshakes of one exchange are verified against. Safe to use from several threads.

    On Windows and macOS the system itself verifies, by truststore, which locks its context during a handshake: there
    each thread has a context of its own, so that a handshake that stalls holds up no other. Elsewhere OpenSSL verifies,
    and all threads share one context.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: ssl.SSLContext | None = None
        self._of_thread = threading.local()

    def context(self) -> ssl.SSLContext:
        """The context for a handshake of this thread. Raises OSError for certificates that cannot be read."""
        if sys.platform in ("win32", "darwin"):
            return self._own_context()
        with self._lock:
            if self._shared is None:
                self._shared = _loaded_context()
            return self._shared

    def _own_context(self) -> ssl.SSLContext:
        own: ssl.SSLContext | None = getattr(self._of_thread, "context", None)
        if own is None:
            own = self._of_thread.context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return own


def _loaded_context() -> ssl.SSLContext:
    """A client's context with the system's certificates: those of OpenSSL (SSL_CERT_FILE and SSL_CERT_DIR included),
    otherwise the first bundle that is there. Certificate and host name are verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    places = ssl.get_default_verify_paths()
    if places.cafile or (places.capath and _holds_certificates(Path(places.capath))):
        context.set_default_verify_paths()
        return context
    bundle = next((file for file in _BUNDLES if Path(file).is_file()), None)
    if bundle is not None:
        context.load_verify_locations(bundle)
    return context


def _holds_certificates(folder: Path) -> bool:
    return any(_HASHED_NAME.fullmatch(file.name) for file in folder.iterdir())
