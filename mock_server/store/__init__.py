"""What is stored where: one Protocol, three implementations, one contract suite over all of them."""

from mock_server.store.open import open_store

__all__ = ["open_store"]
