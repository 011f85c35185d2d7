"""Frameworks. Each module imports its framework and nothing else does."""
