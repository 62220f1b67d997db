"""A run of one account in one file, and running it again: `making`, `pseudonyms`, `rerun`."""
