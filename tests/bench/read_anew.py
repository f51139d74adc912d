# SPDX-License-Identifier: MIT
"""read_anew.py FILE: has FILE's pages dropped from the page cache and reads them again."""
import os
import sys

file = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(file)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
while os.read(file, 1 << 20):
    pass
