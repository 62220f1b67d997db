"""Deliveries that are far from leaving, in a tenth of the space: a receiver that is slow or down may have tens of thousands of them."""

from __future__ import annotations

import zlib
from typing import NamedTuple

from msgspec.msgpack import Decoder

from mock_server.core.records import Delivery
from mock_server.store.codec import pack

_LEVEL, _WINDOW, _MEMORY = 1, 13, 6
"""Of zlib: the quickest, with a window of 8 KiB, and 64 KiB of working memory."""

_unpack = Decoder(Delivery).decode


class Resting(NamedTuple):
    """A pending delivery, compressed, with what decides whether it may leave."""

    due: float
    lane: str
    body: bytes
    sample: bytes
    """What it has been compressed against."""

    def delivery(self) -> Delivery:
        """As it was laid to rest."""
        return _unpack(zlib.decompressobj(_WINDOW, self.sample).decompress(self.body))


class Bed:
    """Compresses deliveries against one of them, since those of one account are much alike."""

    __slots__ = ("_sample",)

    def __init__(self) -> None:
        self._sample = b""

    def lay(self, delivery: Delivery) -> Resting:
        """Lay a delivery to rest."""
        whole = pack(delivery)
        squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zdict=self._sample)
        body = squeeze.compress(whole) + squeeze.flush()
        found = Resting(delivery.due, delivery.message.lane, body, self._sample)
        if 3 * len(body) > len(whole):
            self._sample = whole
        return found
