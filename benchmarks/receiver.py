"""A receiver of callbacks that is not the bottleneck: ``python -m benchmarks.receiver PORT``. ``GET /stats``
tells what came."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import httptools

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Tally:
    """Callbacks so far, and when the first and the last of them came (monotonic seconds, the same clock for
    every process)."""

    count = 0
    first = last = 0.0


def protocol(counter: Tally) -> type[asyncio.Protocol]:
    class Receiving(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            self.parser = httptools.HttpRequestParser(self)

        def data_received(self, data: bytes) -> None:
            self.parser.feed_data(data)

        def on_url(self, url: bytes) -> None:
            self.url = url

        def on_message_complete(self) -> None:
            if self.url == b"/stats":
                body = json.dumps(
                    {"count": counter.count, "first": counter.first, "last": counter.last}
                ).encode()
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                return
            counter.last = time.monotonic()
            counter.first = counter.first or counter.last
            counter.count += 1
            self.transport.write(OK)

    return Receiving


def main() -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.create_server(protocol(Tally()), "127.0.0.1", int(sys.argv[1])))
    loop.run_forever()


if __name__ == "__main__":
    main()
