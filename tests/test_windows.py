"""The server starts and answers where modules and calls of POSIX are missing, as on Windows. The parts that need them
(several workers, owners of shared servers) say so or do without."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MASKED = ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "readline", "syslog")
SCRIPT = """
import asyncio, base64, json, os, signal, socket, sys, threading, urllib.request

for name in {masked!r}:
    sys.modules[name] = None
for name in ("fork", "getppid", "setsid", "killpg", "getuid", "getgid", "chown", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGQUIT"):
    if hasattr(signal, name):
        delattr(signal, name)
if hasattr(socket, "SO_REUSEPORT"):
    del socket.SO_REUSEPORT


def add_signal_handler(self, *arguments):
    raise NotImplementedError


asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler

import importlib, pkgutil
import mock_server

for module in pkgutil.walk_packages(mock_server.__path__, "mock_server."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

from mock_server.client import MockServer, Receiver
from mock_server.core import config
from mock_server.web.app import create_app
from mock_server.web.http import serving
from mock_server.web.service import Service


def build():
    service = Service(config.build({{"watch": False}}))
    return service, lambda: create_app(service)


def ask(url):
    body = {{"reference": "ordér-1", "background_checks": {{"name": {{"full_name": "Aroha Ngāta"}}}}}}
    with MockServer(url) as client, Receiver() as receiver:
        account = client.account()
        basic = base64.b64encode(":".join(account.shuftipro).encode()).decode()
        data = json.dumps({{**body, "callback_url": receiver.url}}).encode()
        headers = {{"Authorization": f"Basic {{basic}}", "Content-Type": "application/json"}}
        urllib.request.urlopen(urllib.request.Request(url, data, headers)).close()
        account.callbacks.wait(outcome="delivered")
        print(json.dumps([client.ready()["status"], receiver.wait()[0].json["reference"]]), flush=True)
    signal.raise_signal(signal.SIGTERM)


def on_listening(address):
    threading.Thread(target=ask, args=(address.url,)).start()


serving.serve(build, "127.0.0.1", 0, on_listening=on_listening)
print("stopped")
"""


def test_it_works_without_posix() -> None:
    command = [sys.executable, "-c", SCRIPT.format(masked=MASKED)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    answer, end = done.stdout.splitlines()
    assert (json.loads(answer), end) == (["ready", "ordér-1"], "stopped")
