"""Report failing steps of a CI pipeline to Log Center."""
