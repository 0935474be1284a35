"""LINE, Slack and Telegram emulated on loopback, and a page with three phones side by side."""
