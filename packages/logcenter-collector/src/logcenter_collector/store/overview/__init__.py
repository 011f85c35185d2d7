"""What the overview shows: counts by day that are written with each batch, and what is read besides them."""
