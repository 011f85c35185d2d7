"""Alarms in the database: rules and channels, what waits to be sent, and what became of it."""
