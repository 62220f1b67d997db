"""The ground everything stands on: values and injected effects, no vendor, no web, no I/O of its own."""
