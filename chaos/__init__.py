"""The crash loop: the product as real processes on a PostgreSQL of its own, killed while it pays and talks."""
