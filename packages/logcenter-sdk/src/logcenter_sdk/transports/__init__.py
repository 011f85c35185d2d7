"""How reports travel: over HTTP, or into a list for tests."""
