"""How an answer of the application waits without a thread: the call says what it waits for and returns; the event
loop holds the connection, and calls again or sends more when there is news.

The application finds its place as ``mock_server.parking`` in the WSGI environ; other hosts have none."""

from __future__ import annotations

from collections.abc import Callable


class Parking:
    """The place of one answer. `wait` and `stay` are for the application, ``woken`` and ``pushed`` tell the loop."""

    def __init__(self, woken: Callable[[], None], pushed: Callable[[bytes], None]) -> None:
        """Both may be called from any thread."""
        self._woken, self.push = woken, pushed
        self._leave: Callable[[], None] | None = None
        self.timeout = 0.0
        """Seconds of real time from the first call to the last."""
        self.is_waiting = False
        """The call has found nothing to answer yet: what it returned is not sent."""
        self.is_staying = False
        """What the call has returned is sent, and more will follow."""
        self.is_last = False
        """Time is up: this call has to give an answer."""

    @property
    def is_new(self) -> bool:
        """Whether nothing is followed yet."""
        return self._leave is None

    def follow(self, begin: Callable[[Callable[[], None]], Callable[[], None]], timeout: float) -> None:
        """``begin`` is given what to call when there may be an answer, and returns what ends that. Call this before
        looking, so that nothing is missed between."""
        self.timeout = timeout
        self._leave = begin(self._woken)

    def wait(self) -> None:
        """The answer is still to come."""
        self.is_waiting = True

    def stay(self, leave: Callable[[], None]) -> None:
        """The answer goes on with what is pushed; ``leave`` ends that."""
        self._leave = leave
        self.is_staying = True

    def end(self) -> None:
        """Nobody waits any more."""
        if self._leave is not None:
            self._leave()
