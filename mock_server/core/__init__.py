"""Values and injected services that every other package uses. No vendor, no web, no I/O of its own."""
