"""``make corpora``: sign each job with its language's program, and keep what the wire carried in ``signings.jsonl``; then let the
doctor judge them, and keep the ``figures.json`` that ``docs/mistakes.md`` is made of.

Nothing but this needs the languages. On Debian: php-cli, nodejs, golang-go, default-jdk-headless, maven, cargo, ruby,
ruby-activesupport. ``python -m tests.corpora.signing.make Go Rust`` signs these only. Libraries go to ``build/corpora``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.corpora.signing import dotnet, judge
from tests.corpora.signing.cases import BODIES, FORM, Job, jobs
from tests.corpora.wire import capture
from tests.corpora.wire.recorder import Recorder

FOLDER = Path(__file__).parent
BUILD = FOLDER.parents[2] / "build" / "corpora" / "signing"


class Language(NamedTuple):
    """How its program is made and run; ``{build}`` is the folder with it."""

    folder: str
    install: Sequence[str]
    run: Sequence[str]


LANGUAGES: Mapping[str, Language] = {
    "Python": Language("python", (), (sys.executable, "{build}/sign.py")),
    "PHP": Language("php", (), ("php", "{build}/sign.php")),
    "JavaScript": Language("node", (), ("node", "{build}/sign.mjs")),
    "Go": Language("go", ("go", "build", "-o", "sign", "."), ("{build}/sign",)),
    "Java": Language(
        "java",
        ("mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory={build}/jars"),
        ("java", "-cp", "{build}/jars/*", "{build}/Sign.java"),
    ),
    "Rust": Language("rust", ("cargo", "build", "--quiet"), ("{build}/target/debug/sign",)),
    "Ruby": Language("ruby", (), ("ruby", "{build}/sign.rb")),
}


def main(names: Sequence[str]) -> int:
    """1 where a language could not be run; its rows then stay as they are."""
    numbered = [*enumerate(jobs(), 1)]
    rows = {row["id"]: row for row in judge.rows()} if judge.ROWS.exists() else {}
    failed = []
    for language in dict.fromkeys(job.language for _, job in numbered):
        if names and language not in names:
            continue
        own = [(number, job) for number, job in numbered if job.language == language]
        try:
            signed = _signed(language, [job.as_json(number) for number, job in own])
        except (OSError, subprocess.CalledProcessError) as error:
            failed.append(language)
            print(f"not signed: {language}: {getattr(error, 'stderr', None) or error}", file=sys.stderr)
            continue
        rows = {number: row for number, row in rows.items() if row["language"] != language}
        rows |= {number: _row(number, job, signed[number]) for number, job in own}
        rows |= _uploaded(own, signed)
        print(f"signed {len(own)} in {language}")
    _keep(rows)
    return 1 if failed else 0


def _signed(language: str, tasks: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    if language not in LANGUAGES:
        return {task["id"]: dotnet.sign(task) for task in tasks}
    folder, install, run = LANGUAGES[language]
    build = BUILD / folder
    shutil.copytree(FOLDER / "clients" / folder, build, dirs_exist_ok=True)
    if install:
        subprocess.run(
            [part.format(build=build) for part in install],
            cwd=build,
            capture_output=True,
            text=True,
            check=True,
        )
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump(tasks, file, ensure_ascii=False)
        file.flush()
        command = [*(part.format(build=build) for part in run), file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}


def _uploaded(
    own: Sequence[tuple[int, Job]], signed: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Rows of multipart forms, which real HTTP clients have sent to a recording server."""
    rows: dict[int, dict[str, Any]] = {}
    for client in dict.fromkeys(job.options["client"] for _, job in own if "client" in job.options):
        language = next(each.language for each in capture.CLIENTS if each.name == client)
        sent = [(number, job) for number, job in own if job.options.get("client") == client]
        uploads = [job.upload(number, signed[number]["signature"]) for number, job in sent]
        with Recorder() as recorder:
            _, requests = capture.send(client, language, uploads, recorder)
        for (number, job), request in zip(sent, requests):
            head, _, body = request.partition(b"\r\n\r\n")
            (kind,) = re.findall(rb"(?im)^content-type:[ \t]*(.*?)\r?$", head)
            rows[number] = _row(number, job, signed[number]) | {
                "content_type": kind.decode(),
                "body": b64encode(body).decode(),
            }
    return rows


def _row(number: int, job: Job, signed: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "language": job.language,
        "library": job.library,
        "vendor": job.vendor,
        "direction": "request" if job.vendor == FORM else "callback",
        "mistakes": [*job.mistakes],
        "signature": signed["signature"],
    }
    if job.vendor == FORM:
        in_query = job.message == "get"
        wire = {"query": signed["wire"]} if in_query else {"body": signed["wire"]}
        return row | {"method": "GET" if in_query else "POST", "path": job.path, **wire}
    return row | {"body": BODIES[job.message]}


def _keep(rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Those that are wrong: an operation may leave its message as it is, and then no mistake is made."""
    wrong = [row for _, row in sorted(rows.items()) if not judge.judged(row).valid]
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in wrong)
    judge.ROWS.write_text(text, "utf-8")
    judge.FIGURES.write_text(json.dumps(judge.figures(), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
