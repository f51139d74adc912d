# SPDX-License-Identifier: MIT
"""Content codings (RFC 9110, 8.4.1). Brotli and zstd come from the libraries curl depends on."""

import ctypes
import ctypes.util
import gzip
import zlib


def _brotli(data):
    library = ctypes.CDLL("libbrotlienc.so.1")
    size = ctypes.c_size_t(len(data) + 1024)
    out = ctypes.create_string_buffer(size.value)
    if not library.BrotliEncoderCompress(5, 22, 0, ctypes.c_size_t(len(data)), data,
                                         ctypes.byref(size), out):
        raise ValueError("brotli")
    return out.raw[:size.value]


def _zstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compress.restype = ctypes.c_size_t
    room = len(data) + 1024
    out = ctypes.create_string_buffer(room)
    size = library.ZSTD_compress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), 3)
    return out.raw[:size]


CODERS = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "deflate": lambda data: zlib.compress(data, 6),
    "br": _brotli,
    "zstd": _zstd,
}


def choose_coding(answer, request, faults):
    """The name of the coding for this answer, None for identity."""
    for name in CODERS:
        if name in faults:
            return name
    if "identity" in faults or answer.stream or not answer.compress:
        return None
    accepted = [item.split(";")[0].strip()
                for item in request.headers.get("accept-encoding", "").split(",")]
    return "gzip" if "gzip" in accepted else None
