"""Report the errors of a Python application to Log Center."""
