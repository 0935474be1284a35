"""What people type, read into amounts, days and whole sentences; wrong is worse than nothing."""
