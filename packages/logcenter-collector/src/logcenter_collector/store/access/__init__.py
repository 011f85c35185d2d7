"""What is kept of people, credentials, what projects demand, and of who changed what."""
