"""Where a store may not lie: on a network share, whose locks and write-ahead log are not to be trusted (SQLite, "WAL
does not work over a network filesystem")."""

from pathlib import Path, PurePath

import psutil

NETWORK = frozenset(
    "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs smbfs2 afpfs ncpfs webdav davfs davfs2 fuse.sshfs fuse.davfs2 fuse.rclone "
    "fuse.smbnetfs ceph glusterfs fuse.glusterfs lustre ocfs2 gfs2 afs".split()
)
"""File systems of other machines, as the systems name them."""


def is_on_network(path: Path) -> bool:
    """True when the file is, or would be, on a network share. A path whose place cannot be told counts as local."""
    try:
        whole = path.resolve()
        mounts = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return False
    if str(whole).startswith("\\\\"):  # a share of Windows, named by its server
        return True
    mount = max(
        (mount for mount in mounts if whole.is_relative_to(PurePath(mount.mountpoint))),
        key=lambda mount: len(mount.mountpoint),
        default=None,
    )
    return mount is not None and (mount.fstype.lower() in NETWORK or "remote" in mount.opts.split(","))
