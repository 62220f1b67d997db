"""The command line, one file a verb."""

from mock_server.cli.main import main

__all__ = ["main"]
