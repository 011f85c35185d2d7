"""zstd: the standard library's, or what the standard library's is called before it had one."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
