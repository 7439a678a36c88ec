"""The certificates of the benchmarks' service: its own, and a store with as many authorities as a system trusts."""

from dataclasses import dataclass
from pathlib import Path

import trustme

AUTHORITIES = 144
"""So many are in the store of Debian, Fedora and Mozilla, give or take ten."""


@dataclass(frozen=True)
class Certificates:
    """`service` holds key and certificate of the service, `trusted` the authorities, its own among them."""

    service: Path
    trusted: Path


def certificates_in(folder: Path) -> Certificates:
    """New ones for 127.0.0.1, as files in that folder."""
    own = trustme.CA()
    made = Certificates(folder / "service.pem", folder / "trusted.pem")
    own.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(made.service)
    for authority in (*(trustme.CA() for _ in range(AUTHORITIES - 1)), own):
        authority.cert_pem.write_to_path(made.trusted, append=True)
    return made
