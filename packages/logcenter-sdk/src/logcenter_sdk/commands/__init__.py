"""What ``python -m logcenter_sdk`` can do, a file for each."""
