"""What the collector answers over HTTP: the API on one port, the dashboard on another."""
