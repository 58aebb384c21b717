"""Zstandard (RFC 8878), wherever this Python has it: in its library from 3.14 on, before that in a package."""

import sys
from typing import Final

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

LARGEST_WINDOW: Final = 27
"""The window that a stream may ask for, as a power of two."""

Decoder = ZstdDecompressor
Fault = ZstdError


def decoder() -> Decoder:
    """For one frame."""
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: LARGEST_WINDOW})
