"""Where projects, issues and occurrences are kept."""
