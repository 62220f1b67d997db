"""The rules of the lint, one module a concern."""
