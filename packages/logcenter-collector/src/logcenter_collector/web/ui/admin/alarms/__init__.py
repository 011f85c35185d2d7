"""The pages of alarms: channels, rules, and the log of what was sent."""
