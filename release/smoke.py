"""What an installation has to be able to do; run by ``release.check`` with the interpreter of a new environment.

Needs the standard library and the installed package only. The working directory must not be the checkout."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import urllib.request
from importlib import metadata


def verb(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "mock_server", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(
            f"mock-server {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def served() -> None:
    """Every page and the control API's description, from a server that runs."""
    command = [sys.executable, "-I", "-m", "mock_server", "serve", "--port", "0", "--no-watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            for path in ("/__admin/ready", "/__admin/ui/", "/__admin/openapi.json", "/__admin/scenarios"):
                with urllib.request.urlopen(url + path, timeout=30) as answer:
                    assert answer.status == 200, path
                    assert answer.read(), path
        finally:
            process.terminate()
        assert process.wait() == 0, "exit code after SIGTERM"


def imported() -> None:
    """Every module, but those that need an extra which is not installed."""
    import mock_server

    for module in pkgutil.walk_packages(mock_server.__path__, "mock_server."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name not in ("anyio", "pytest", "redis", "trustme"):
                raise


def main() -> None:
    version = metadata.version("kyc-mock-server")
    assert version in verb("version"), "version"
    verb("lint")
    verb("demo")
    assert json.loads(verb("schema"))["title"], "schema"
    served()
    imported()

    from mock_server.providers.pdf import PdfDocument
    from mock_server.providers.pictures import Canvas

    document = PdfDocument("Whānau", 0)
    document.write("Tūhoe Nguyễn محمد 山田", 10)
    assert document.bytes().startswith(b"%PDF-"), "PDF"
    picture = Canvas(64, 16, ((255, 255, 255), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
    picture.text(0, 0, "Tūhoe", 1, 64)
    assert picture.jpeg().startswith(b"\xff\xd8"), "JPEG"


main()
