"""Money in and out: to money what bots is to chat."""
