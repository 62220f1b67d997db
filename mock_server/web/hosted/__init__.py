"""The simulated pages that a vendor's customer would see, one module a vendor."""
