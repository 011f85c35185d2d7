"""Telling people: the texts of alarms, the channels they leave by, and where these may connect to."""
