"""``python benchmarks/twins.py PORT SCENARIOS``: two processes of this server on one port that share nothing
but the port.

Of no use to anybody, since each has nonces of its own; but no two processes that share a store can cost less
than these."""

from __future__ import annotations

import sys
from dataclasses import replace

from mock_server.cli.serve import serve
from mock_server.core import config

if __name__ == "__main__":
    port, scenarios = sys.argv[1:]
    one = config.build({"port": int(port), "scenarios": [scenarios], "log_level": "warning"})
    serve(
        replace(one, values={**one.values, "workers": 2})
    )  # no command line would: it asks for a store that they share
