"""What upkeep does to a database: each function is a series of short transactions, told as it goes."""
