"""The wire contract: what every reporter and the collector agree on.

Frozen attrs classes and pure functions, with no sockets, threads, clocks or environment; nothing but attrs and the
standard library is imported.
"""
