"""Both services played on this machine, on loopback, from an own reading of the contract.

Nothing here is shared with `importer.services`: a field the client misspells is refused here.
"""

from importer.sandbox.changes import BrokenFolderError, read_company
from importer.sandbox.company import Company
from importer.sandbox.server import Address, Sandbox, running, serve_forever
from importer.sandbox.switches import Dialect, Switches

__all__ = [
    "Address",
    "BrokenFolderError",
    "Company",
    "Dialect",
    "Sandbox",
    "Switches",
    "read_company",
    "running",
    "serve_forever",
]
