"""The emulated vendors, one folder each with the same file names, on one pipeline."""
