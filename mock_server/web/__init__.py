"""The only package that knows Flask and Werkzeug: adapters, control API, pages."""
