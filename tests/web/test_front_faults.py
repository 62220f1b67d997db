"""Wire faults, as a client sees them."""

from __future__ import annotations

import socket

import pytest

from tests.web.conftest import ServerHarness, Staging

ORDINARY = "/echo"


def test_reset_is_a_reset(stage: ServerHarness) -> None:
    client = stage.connect().request("/fault/reset")
    with pytest.raises(ConnectionResetError):
        client.rest()


def test_empty_closes_in_good_order_without_a_byte(stage: ServerHarness) -> None:
    assert stage.connect().request("/fault/empty").rest() == b""


def test_truncate_promises_the_whole_and_sends_half(stage: ServerHarness) -> None:
    client = stage.connect().request("/fault/truncate")
    status, headers = client.head()
    assert (status, headers["content-length"], headers["content-type"]) == (200, "10", "application/json")
    assert client.rest() == b"01234"


def test_garbage_is_no_http(stage: ServerHarness) -> None:
    answer = stage.connect().request("/fault/garbage").rest()
    assert len(answer) > 10
    assert b"HTTP/1" not in answer


def test_hang_says_nothing_until_the_client_gives_up(stage: ServerHarness) -> None:
    client = stage.connect().request("/fault/hang")
    client.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.shutdown(socket.SHUT_WR)
    client.socket.settimeout(5)
    assert client.rest() == b""


def test_hang_is_bounded(staging: Staging) -> None:
    client = staging(hang_limit=0.05).connect().request("/fault/hang")
    assert client.rest() == b""


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "garbage", "hang"])
def test_a_fault_ends_the_connection_but_not_the_answers_before_it(stage: ServerHarness, fault: str) -> None:
    client = stage.connect()
    client.send(
        "".join(
            f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"
            for target in ("/delay/20", f"/fault/{fault}", "/echo/never")
        )
    )
    assert client.reply().body == b"after 20"
    if fault == "hang":
        client.socket.shutdown(socket.SHUT_WR)
    try:
        assert b"never" not in client.rest()
    except ConnectionResetError:
        assert fault == "reset"
    assert stage.connect().request(ORDINARY).reply().status == 200
    assert ("default", fault) in stage.service.released


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "garbage"])
def test_faults_of_a_blocking_service(staging: Staging, fault: str) -> None:
    client = staging(blocking=True).connect().request(f"/fault/{fault}")
    if fault == "reset":
        with pytest.raises(ConnectionResetError):
            client.rest()
    else:
        assert (client.rest() == b"") == (fault == "empty")
