"""The ways that messages leave by: robots of chat services, webhooks, and everything that Apprise knows."""
