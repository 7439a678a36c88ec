"""The most memory that this process has ever had."""

import platform
from pathlib import Path

import psutil


def most_memory() -> int:
    """Bytes. On Linux from the process's own map: what `getrusage` tells there begins with its parent's."""
    if platform.system() == "Linux":
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    if platform.system() == "Windows":
        return int(getattr(psutil.Process().memory_info(), "peak_wset"))  # noqa: B009  there on Windows alone
    import resource  # not there on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
