"""Cloudcheck (Verifi Identity Services): signed forms in, JSON out. See docs/cloudcheck.md."""
