"""Chat platforms: verify, read, send."""
