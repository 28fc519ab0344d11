"""Two folders change places in one step of the kernel.

`renameat2(RENAME_EXCHANGE)` (Linux 3.15) has no Python binding, so it is called through ctypes. Where the kernel or the
file system does not know it, the caller renames twice and repairs what a kill between the two leaves.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def exchange(one: Path, other: Path) -> bool:
    """Exchange two existing paths of one file system. False where that is not possible here; nothing happened then.

    Raises:
        OSError: anything else (permission, no such file, two file systems).
    """
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
