"""What a collector does beside serving: empty the log, forget, keep to the budget. Threads, periods and leases."""
