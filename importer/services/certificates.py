"""Which certificates are trusted in a TLS handshake."""

import re
import ssl
import sys
import threading
from pathlib import Path

import truststore

from importer.errors import SetupError

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


class Certificates:
    """Which certificates are trusted: the system's own and those of `ca_file`, loaded once for all requests. Safe to
    use from several threads.

    On Windows and macOS the system itself verifies, by truststore, which locks its context during a handshake: there
    each thread has a context of its own, so that a handshake that stalls holds up no other. Elsewhere OpenSSL verifies,
    and all threads share one context: truststore would load the certificates at each handshake, some 30 ms of the
    processor, ten times what all the rest of a post costs. Its search for them is repeated here, once.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        """Raises SetupError for a file that holds no certificates."""
        if ca_file is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
            except OSError as error:
                raise SetupError("ca-file", file=str(ca_file), detail=error.strerror or type(error).__name__) from error
        self._ca_file = ca_file
        self._lock = threading.Lock()
        self._shared: ssl.SSLContext | None = None
        self._of_thread = threading.local()

    def context(self) -> ssl.SSLContext:
        """The context for a handshake of this thread. Raises OSError for certificates that cannot be read."""
        if sys.platform in ("win32", "darwin"):
            own: ssl.SSLContext | None = getattr(self._of_thread, "context", None)
            if own is None:
                own = self._of_thread.context = self._with_ca_file(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
            return own
        with self._lock:
            if self._shared is None:
                self._shared = self._with_ca_file(_systems_context())
            return self._shared

    def _with_ca_file(self, context: ssl.SSLContext) -> ssl.SSLContext:
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        return context


def _systems_context() -> ssl.SSLContext:
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
