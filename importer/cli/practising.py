"""`--sandbox`: any command on a practice company inside the program."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from importer.model.secrets import Secret
from importer.services.dialects import DOCUMENT
from importer.settings import Settings


@contextmanager
def practising(settings: Settings, in_sandbox: bool) -> Iterator[Settings]:
    """With `in_sandbox` the settings of a practice company (SunPlusXtra and Sovos) and of a store that live only as
    long as the block; otherwise the settings as they are.

    What is true of a company or its service (company_id, dialect, timezone, currency, installation) is the practice
    company's: with another time zone right days would look wrong. The rules by which one's own workbooks are judged
    (balance_by, last_period) stay, or practice would let pass, or refuse, what the real run does not.
    """
    if not in_sandbox:
        yield settings
        return
    from importer.sandbox.server import running
    from importer.sandbox.zone import ZONE

    with running() as sandbox, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        address = sandbox.address
        yield replace(
            settings,
            url=address.spx_url,
            userid=address.userid,
            password=Secret(address.password),
            email=address.email,
            api_key=Secret(address.api_key),
            company_id=None,
            dialect=DOCUMENT.name,
            timezone=ZONE.key,
            currency=None,
            currencies=tuple(sandbox.company.currencies),
            installation=None,
            store=f"sqlite:///{Path(folder) / 'practice.db'}",
            sovos_url=address.sovos_url,
            sovos_api_key=Secret(address.sovos_api_key),
        )
