"""A tester's way, as docs/for-testers.md describes it: from an empty folder to a callback, without a line of Python.

The commands run in processes of their own, the server as well, and a real receiver hears the callbacks."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from mock_server import testing
from mock_server.client import Account, Receiver

BROKEN = "    respond: {outcom: accepted}\n"
FIXED = "    respond: {outcome: declined}\n"
EDITED = """\
version: 1
provider: shuftipro
scenarios:
  - name: Zoë & Māui’s orders 🥝
    match: {operation: verification, body.reference: {prefix: "zoë-"}}
"""


def command(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and all that is printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mock_server", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def ask(url: str, account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """The JSON answer of the vendor's verification call."""
    pair = base64.b64encode(":".join(account.provider("shuftipro")).encode()).decode()
    request = urllib.request.Request(
        f"{url}/",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Basic {pair}"},
    )
    with urllib.request.urlopen(request) as answer:
        return dict(json.load(answer))


def order(reference: str, hook: str) -> dict[str, Any]:
    name = {"first_name": "Zoë", "last_name": "O'Brien-Ngata"}
    return {
        "reference": reference,
        "callback_url": hook,
        "background_checks": {"name": name, "dob": "1987-03-14"},
    }


def test_from_init_to_a_callback(tmp_path: Path) -> None:
    status, said = command(tmp_path, "init", "mine")
    assert status == 0
    assert "wrote mine/plans/shuftipro/callbacks.yaml" in said.replace("\\", "/")
    assert command(tmp_path, "lint", "mine")[0] == 0

    # A file of their own: the mistake is told with its place and the word that was meant.
    mine = tmp_path / "mine" / "orders.yaml"
    mine.write_text(EDITED + BROKEN, "utf-8")
    status, said = command(tmp_path, "lint", "mine")
    assert status == 1
    assert "orders.yaml:6:15: `outcom` is not a key of `respond`; did you mean `outcome`?" in said

    mine.write_text(EDITED + FIXED, "utf-8")
    assert command(tmp_path, "lint", "mine")[0] == 0
    status, said = command(tmp_path, "try", "mine/orders.yaml")
    assert status == 0
    assert "Zoë & Māui’s orders 🥝 at mine/orders.yaml:4" in said.replace("\\", "/")
    assert "for Zoë & Māui’s orders 🥝" in said
    assert "200 declined" in said

    with testing.start(scenarios=[str(tmp_path / "mine")]) as server, Receiver() as receiver:
        account = server.account("test-zoe")
        answer = ask(server.url, account, order("zoë-1001", receiver.url))
        assert answer["event"] == "verification.declined"
        twice = ask(server.url, account, order("plan-twice-1001", receiver.url))
        assert twice["event"] == "verification.accepted"
        heard = receiver.wait(3)
        assert sorted(one.json["reference"] for one in heard) == [
            "plan-twice-1001",
            "plan-twice-1001",
            "zoë-1001",
        ]
        assert account.requests.find(limit=1)[0].scenario == "plan-callback-twice"
