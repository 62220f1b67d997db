"""Randomness that depends on the seed, the account and the reference only: the same request gives the same
answer."""

from __future__ import annotations

import hashlib
import random

_VARIANT = {digit: "89ab"[value & 3] for value, digit in enumerate("0123456789abcdef")}
"""A hexadecimal digit with its two upper bits set to 1 and 0, as RFC 9562 has the 17th of a UUID."""
_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Draws:
    """Named draws of one (seed, account, reference). Each name is independent, so adding a draw moves no
    other."""

    __slots__ = ("_stem",)

    def __init__(self, seed: int, account: str, reference: str) -> None:
        self._stem = f"{seed}\0{account}\0{reference}\0".encode("utf-8", "surrogatepass")

    def _digest(self, name: str) -> bytes:
        return hashlib.sha256(self._stem + name.encode()).digest()

    def hex(self, name: str, length: int = 64) -> str:
        """``length`` lower-case hex digits, 64 at the most."""
        return self._digest(name).hex()[:length]

    def uuid(self, name: str) -> str:
        """A version 4 UUID in lower case."""
        h = self._digest(name).hex()
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"

    def token(self, name: str, length: int) -> str:
        """``length`` letters and digits."""
        return "".join(self.random(name).choices(_ALNUM, k=length))

    def integer(self, name: str) -> int:
        """64 bits."""
        return int.from_bytes(self._digest(name)[:8], "big")

    def random(self, name: str) -> random.Random:
        """A generator of its own."""
        return random.Random(self.integer(name))
