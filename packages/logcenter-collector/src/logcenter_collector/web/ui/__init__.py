"""The dashboard: server-rendered pages, on port 8003."""
