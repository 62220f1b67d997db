"""The production server: HTTP/1.1 on one event loop. Each module imports only from those before it: wire,
parser, connection, server."""
