"""Calibration: probes sent to a vendor's real service, its answers compared with the mock's, and the settings that make the
two agree."""
