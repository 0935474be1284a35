"""Documentation, and the scripts that write the part of it that is generated."""
