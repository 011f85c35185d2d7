"""The Log Center server."""
