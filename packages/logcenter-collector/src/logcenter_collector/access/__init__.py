"""Who is let in: credentials as this process knows them, and what they are checked against."""
