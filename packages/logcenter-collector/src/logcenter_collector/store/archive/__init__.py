"""A backup of everything in one file that belongs to no database: made of one kind of database, restored into any."""
