"""A change of each kind that CONTRIBUTING.md names, as it would be made: text put into files, and what has to work
afterwards. Long because it is one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SHUFTI = "mock_server/providers/shuftipro"
CLOUDCHECK = "mock_server/providers/cloudcheck"


class Put(NamedTuple):
    """Text put in front of, or behind, the only place where a file has some other text."""

    file: str
    place: str
    before: str = ""
    after: str = ""


class New(NamedTuple):
    """A file that was not there."""

    file: str
    text: str


class Digest(NamedTuple):
    """The digest of a text, wherever a file has it, made anew."""

    file: str
    of: str


class Change(NamedTuple):
    edits: tuple[Put | New | Digest, ...]
    tests: tuple[str, ...] = ()
    """Tests of the tree that know the change, and have to pass."""
    program: str = ""
    """Python that sees the change work."""
    prints: str = ""
    """What it has to print."""
    verb: tuple[str, ...] = ()
    """A verb of the command line."""
    says: str = ""
    environment: Mapping[str, str] = {}


ASK = """
import base64, json
from mock_server.core import config
from mock_server.core.http import Request
from mock_server.web.service import Service
service = Service(config.build({"scenarios": ["scenarios"], "watch": False}))
basic = base64.b64encode(b"mock-client:mock-secret-QvT7dR2mZk4Lw9Xb").decode()
def ask(reference, **more):
    body = {"reference": reference, "callback_url": "http://localhost/cb", "country": "NZ", **more}
    body.setdefault("background_checks", {"name": {"first_name": "Mere", "last_name": "Ōtene"}, "dob": "1987-03-14"})
    headers = {"authorization": f"Basic {basic}", "content-type": "application/json"}
    answer = service.pipeline.handle(Request("POST", "/", "", headers, json.dumps(body).encode()))
    return answer.status, json.loads(answer.body)
"""
_SHIPPED = "tests/scenarios/test_shipped.py::test_"


def shipped(*scenarios: str) -> tuple[str, ...]:
    """The tests of the shipped files, for these scenarios."""
    return (
        f"{_SHIPPED}every_shipped_file_names_the_current_schema",
        f"{_SHIPPED}the_library_reaches_every_word_of_the_vendor",
        *(f"{_SHIPPED}a_shipped_scenario_answers_as_it_says[{each}]" for each in scenarios),
    )


_TRIPLED = {
    "python": 'text = path + "".join(f"{name}={fields[name]};" for name in names) + ";;"',
    "node": 'const text = path + names.map((name) => `${name}=${fields[name]};`).join("") + ";;";',
    "php": "$text = $path . implode('', array_map(fn($name) => \"$name=$fields[$name];\", $names)) . ';;';",
    "go": 'text := path\n    for _, name := range names { text += name + "=" + fields[name] + ";" }\n    text += ";;"',
    "java": 'String text = path;\n    for (String name : names) text += name + "=" + fields.get(name) + ";";\n    text += ";;";',
    "ruby": 'text = path + names.map { |name| "#{name}=#{fields[name]};" }.join + ";;"',
}
"""By language: what signs the last parameter with three ; behind it."""

CHANGES: Mapping[str, Change] = {
    "an error code": Change(
        (
            Put(
                f"{SHUFTI}/errors.py",
                '    "500": ErrorKind(',
                before='    "451": ErrorKind(451, "Blocked by law", "Unavailable for legal reasons."),\n',
            ),
            New(
                "scenarios/shuftipro/11-blocked.yaml",
                "# yaml-language-server: $schema=../scenario.schema.json\nversion: 1\nprovider: shuftipro\nscenarios:\n"
                "  - name: blocked-by-law\n    description: The country may not be served.\n"
                "    match: {operation: verification, body.reference: {prefix: tp451-}}\n"
                '    respond: {error: "451"}\n',
            ),
        ),
        (
            *shipped("shuftipro/blocked-by-law/verification"),
            "tests/providers/shuftipro/test_page.py",
            "tests/docs/test_generated.py",
        ),
        ASK + 'print(ask("tp451-Māori")[0])',
        "451",
    ),
    "an event": Change(
        (
            Put(
                f"{SHUFTI}/events.py",
                "    DATA_CHANGED: EventKind(",
                before='    "verification.flagged": EventKind(False, True, "Another customer has the same document."),\n',
            ),
            New(
                "scenarios/shuftipro/11-flagged.yaml",
                "# yaml-language-server: $schema=../scenario.schema.json\nversion: 1\nprovider: shuftipro\nscenarios:\n"
                "  - name: flagged\n    description: The document is known already.\n"
                "    match: {operation: verification, body.reference: {prefix: flagged-}}\n"
                "    respond: {outcome: accepted}\n    callbacks: [{event: verification.flagged, after: 1m}]\n",
            ),
        ),
        (
            *shipped("shuftipro/flagged/verification"),
            "tests/providers/shuftipro/test_page.py",
            "tests/docs/test_generated.py",
        ),
        ASK
        + 'ask("flagged-1")\nprint([one.message.event for one in service.store.deliveries("default")[0]])',
        "verification.flagged",
    ),
    "a decline code": Change(
        (
            Put(
                f"{SHUFTI}/declines.py",
                "SPDR299 ",
                before="SPDR296 background_checks          -                              The name is that of a clown\n",
            ),
            New(
                "scenarios/shuftipro/11-clown.yaml",
                "# yaml-language-server: $schema=../scenario.schema.json\nversion: 1\nprovider: shuftipro\nscenarios:\n"
                "  - name: clown\n    description: A clown.\n"
                "    match: {operation: verification, body.reference: {prefix: clown-}}\n"
                "    respond: {outcome: declined, decline: {background_checks: [SPDR296]}}\n",
            ),
        ),
        (
            *shipped("shuftipro/clown/verification"),
            "tests/providers/shuftipro/test_page.py",
            "tests/docs/test_generated.py",
        ),
        ASK + 'print(ask("clown-1")[1])',
        "SPDR296",
    ),
    "an endpoint of Cloudcheck": Change(
        (
            Put(
                f"{CLOUDCHECK}/handlers/documents.py",
                '    Endpoint(\n        "doc-results"',
                before='    Endpoint(\n        "doc-age", "POST", "/doc/age/", "document", {"adult": "Of age.", "minor": "Not of age."},\n'
                '        run_age, check, required=("data", FILE), body=_BODY,\n    ),\n',
            ),
            Put(
                f"{CLOUDCHECK}/handlers/documents.py",
                "_BODY = frozenset(",
                before="def run_age(context: RequestContext, outcome: str) -> PendingResponse:\n"
                '    """Whether the picture shows an adult."""\n'
                '    return reply(context, {"reference": context.reference, "adult": outcome == "adult"})\n\n\n',
            ),
            Put(
                "tests/providers/cloudcheck/test_endpoints.py",
                '    "doc-results": Case(',
                before='    "doc-age": Case(lambda office: {"data": CONSENT}, "reference", FILES),\n',
            ),
            Put(
                "tests/scenarios/customer.py",
                '    "doc-runcheck": data(',
                before='    "doc-age": data({"reference": "ref-1", "consent": "Yes"}, FILES),\n',
            ),
            Put(
                f"{CLOUDCHECK}/answers.yaml",
                "  doc-runcheck: {document",
                before="  doc-age: {reference: text, adult: boolean}\n",
            ),
            New(
                "scenarios/cloudcheck/11-age.yaml",
                "# yaml-language-server: $schema=../scenario.schema.json\nversion: 1\nprovider: cloudcheck\nscenarios:\n"
                "  - name: a-minor\n    description: The picture shows a child.\n"
                "    match: {operation: doc-age, body.reference: {prefix: minor-}}\n    respond: {outcome: minor}\n"
                "  - name: an-adult\n    description: The picture shows an adult.\n"
                "    match: {operation: doc-age, body.reference: {prefix: adult-}}\n    respond: {outcome: adult}\n",
            ),
        ),
        (
            "tests/providers/cloudcheck/test_endpoints.py",
            "tests/providers/cloudcheck/test_settings.py",
            "tests/providers/cloudcheck/test_page.py",
            "tests/docs/test_generated.py",
            *shipped("cloudcheck/a-minor/doc-age", "cloudcheck/an-adult/doc-age"),
        ),
    ),
    "an endpoint of Shufti Pro": Change(
        (
            Put(
                f"{SHUFTI}/endpoints.py",
                "    Endpoint(\n        Operation(\n            routes.DECLINE_REASONS",
                before='    Endpoint(\n        Operation("services-list", {"listed": "All of them."}, "GET", "/services/", _NONE, _NONE),\n'
                "        Handlers.answer_services,\n    ),\n",
            ),
            Put(
                f"{SHUFTI}/handlers.py",
                "    def answer_reasons(",
                before="    def answer_services(self, context: RequestContext, work: Work, respond: Respond) -> Any:\n"
                '        context.outcome = "listed"\n        return {"services": ["face", "document"]}\n\n',
            ),
            Put(
                f"{SHUFTI}/answers.yaml",
                "  decline-reasons: {",
                before="  services-list: {services: [text]}\n",
            ),
            Put(
                "tests/scenarios/customer.py",
                '    "decline-reasons": (',
                before='    "services-list": ("GET", "/services/", None),\n',
            ),
            New(
                "scenarios/shuftipro/91-services.yaml",
                "# yaml-language-server: $schema=../scenario.schema.json\nversion: 1\nprovider: shuftipro\nscenarios:\n"
                "  - name: no-services\n    description: The list of services cannot be had.\n"
                '    match: {operation: services-list, header.x-request: "91"}\n    respond: {error: 500}\n',
            ),
        ),
        ("tests/docs/test_generated.py", "tests/providers/shuftipro/test_gate.py"),
        """
import base64
from mock_server.core import config
from mock_server.core.http import Request
from mock_server.web.service import Service
service = Service(config.build({"scenarios": ["scenarios"], "watch": False}))
basic = base64.b64encode(b"mock-client:mock-secret-QvT7dR2mZk4Lw9Xb").decode()
answer = service.pipeline.handle(Request("GET", "/services/", "", {"authorization": f"Basic {basic}"}, b""))
print(answer.status, answer.body.decode())
""",
        '200 {"services":["face","document"]}',
    ),
    "a setting of a vendor": Change(
        (
            Put(
                f"{SHUFTI}/settings.py",
                '    body_style: Literal["php", "plain"] = "php"',
                before='    greeting: Literal["", "kia ora"] = ""\n    """What an answer begins with."""\n',
            ),
            Put(
                f"{SHUFTI}/fidelity.py",
                "ROWS = (\n",
                after='    FidelityRow("Greeting", "none", "A", "not written anywhere", "greeting", "", "none: made up"),\n',
            ),
        ),
        (
            "tests/providers/shuftipro/test_settings.py",
            "tests/providers/shuftipro/test_page.py",
            "tests/docs/test_generated.py",
        ),
        "from mock_server.providers import registry\n"
        'print(registry.build({"shuftipro": {"greeting": "kia ora"}})["shuftipro"].settings.greeting)',
        "kia ora",
    ),
    "an assumption about a vendor": Change(
        (
            Put(
                f"{CLOUDCHECK}/fidelity.py",
                "ROWS: tuple[FidelityRow, ...] = (\n",
                after='    FidelityRow("Weekends", "checks run on Sundays, too.", "A", "not written anywhere", probe="none: made up"),\n',
            ),
        ),
        ("tests/providers/cloudcheck/test_settings.py", "tests/docs/test_generated.py"),
        'print("checks run on Sundays, too." in open("docs/fidelity.md", encoding="utf-8").read())',
        "True",
    ),
    "a known client mistake": Change(
        (
            Put(
                "mock_server/diagnosis/mistakes.py",
                '    Mistake(\n        "trailing-slash-missing"',
                before='    Mistake(\n        "last-semicolon-tripled",\n        Stage.JOIN,\n'
                '        "The last parameter is followed by three ;.",\n        "Put one ; behind each parameter.",\n'
                '        joins.joined((b"", b"=", b";", b";;;")),\n    ),\n',
            ),
            Put(
                "tests/providers/cloudcheck/test_diagnosis.py",
                "]  # fmt: skip\n\nPAIRS",
                before='    ("last-semicolon-tripled", "", post(PARAMS, mac(CANONICAL + ";;"))),\n',
            ),
            *(
                Put(
                    f"docs/snippets/{language}.yaml",
                    "  last-semicolon-missing: |-\n",
                    before=f"  last-semicolon-tripled: |-\n    {lines}\n",
                )
                for language, lines in _TRIPLED.items()
            ),
        ),
        ("tests/providers/cloudcheck/test_diagnosis.py", "tests/docs/test_snippets.py"),
    ),
    "a library that writes JSON": Change(
        (
            Put(
                "mock_server/diagnosis/json_writers.py",
                '    Writer("Java", "org.json"',
                before='    Writer("Perl", "JSON::PP with canonical", "none", "python", ("sorted",), ("tab",)),\n',
            ),
        ),
        ("tests/diagnosis/test_json_writers.py",),
        "from mock_server.diagnosis.json_writers import writers_of\n"
        'found = writers_of(b\'{"b":1,"a":2}\', b\'{\\n\\t"a": 2,\\n\\t"b": 1\\n}\')\n'
        "print('JSON::PP with canonical' in [writer.library for writer in found])",
        "True",
    ),
    "a `deliver` word": Change(
        (
            Put(
                "mock_server/core/delivery_directives.py",
                '        Directive(\n            "duplicate"',
                before='        Directive(\n            "pad", "", "Sent with a blank behind the body.", "pad",\n'
                '            tamper=lambda original: original.tampered("padded", body=original.message.body + b" "),\n'
                "        ),\n",
            ),
            Put(
                "tests/live/test_delivery_directives.py",
                '    "duplicate": ["duplicate"],\n',
                before='    "pad": ["pad"],\n',
            ),
            Put(
                "tests/live/test_delivery_directives.py",
                '        ("duplicate", 2, [True, True]),\n',
                before='        ("pad", 1, [False]),\n',
            ),
        ),
        (
            "tests/core/test_delivery_directives.py",
            "tests/core/test_tampering.py",
            "tests/live/test_delivery_directives.py",
            "tests/scenario/test_schema.py",
            "tests/delivery/test_docs.py",
            "tests/scenarios/test_docs.py",
        ),
    ),
    "a matcher": Change(
        (
            Put(
                "mock_server/scenario/matchers.py",
                '    "regex": MatcherKind(',
                before='    "multiple": MatcherKind(\n        description="The number is a multiple of this.",\n        examples=(5,),\n'
                '        takes=Argument("a whole number", (int,), {"type": "integer"}),\n'
                "        test=lambda divisor: lambda value: isinstance(value, int) and value % divisor == 0,\n"
                '        words=lambda divisor: f"a multiple of {divisor}",\n        of_scalars=True,\n    ),\n',
            ),
            Put(
                "docs/scenarios.md",
                "| `prefix: flaky-`",
                before="| `multiple: 5` | the number is a multiple of it |\n",
            ),
            Put(
                "tests/scenario/test_matchers.py",
                '        ({"regex": "^[A-Z]{2}$"}',
                before='        ({"multiple": 5}, [0, 10], [1, "10", MISSING]),\n',
            ),
            Put(
                "tests/scenario/test_matchers.py",
                '    "exists": st.booleans(),\n',
                before='    "multiple": st.just(5),\n',
            ),
        ),
        ("tests/scenario/test_matchers.py", "tests/scenario/test_schema.py", "tests/scenarios/test_docs.py"),
        "from mock_server.scenario.matchers import compile_matcher\n"
        'print(compile_matcher({"multiple": 5}, textual=False).holds(10))',
        "True",
    ),
    "a sentence of a specification": Change(
        (
            Put("tests/specification/cloudcheck.txt", "webhook-url | ", before="webhook-tls | Use https.\n"),
            Digest("tests/specification/test_table.py", "tests/specification/cloudcheck.txt"),
            Put(
                f"{CLOUDCHECK}/specification.py",
                '        (\n            "webhook-url"',
                before='        (\n            "webhook-tls",\n            "Use https.",\n            "http is called, too.",\n'
                '            NO_CHOICE,\n            "test_https_is_used",\n        ),\n',
            ),
            Put(
                "tests/specification/test_cloudcheck.py",
                "from __future__ import annotations\n",
                after='\n\ndef test_https_is_used() -> None:\n    assert "https://".startswith("https")\n\n\n',
            ),
        ),
        (
            "tests/specification/test_table.py",
            "tests/specification/test_cloudcheck.py::test_https_is_used",
            "tests/docs/test_generated.py",
        ),
    ),
    "an option of `serve`": Change(
        (
            Put(
                "mock_server/core/config.py",
                "    watch: bool = option(",
                before='    motto: str = option("", "Words to live by.", metavar="TEXT")\n',
            ),
        ),
        ("tests/docs/test_generated.py", "tests/test_cli.py::test_serve_knows_every_option_of_the_table"),
        "from mock_server.cli.options import configure\nprint(configure({})[0].motto)",
        "He tangata",
        ("serve", "--help"),
        "--motto TEXT",
        {"MOCK_SERVER_MOTTO": "He tangata"},
    ),
    "a call of the control API": Change(
        (
            Put(
                "mock_server/web/admin/state.py",
                "ROUTES = (\n",
                before='def names(request: AdminRequest[Query, None]) -> dict[str, Any]:\n    """Without their values."""\n'
                '    return {"names": sorted(show(request)["state"])}\n\n\n',
                after='    ControlRoute("GET", "/state/names", names, "The names alone.", {"names": "sorted"}),\n',
            ),
        ),
        ("tests/docs/test_generated.py",),
        "from mock_server.core import config\nfrom mock_server.web.app import create_app\n"
        "from mock_server.web.service import Service\n"
        'client = create_app(Service(config.build({"watch": False}))).test_client()\n'
        'print(client.get("/__admin/state/names").json, "/state/names" in str(client.get("/__admin/openapi.json").json))',
        "{'names': []} True",
    ),
    "an HTTP client whose bytes are replayed": Change(
        (
            Put("tests/corpora/wire/capture.py", "CLIENTS = (\n", after='    Client("stdlib", "stdlib"),\n'),
            Put(
                "tests/corpora/wire/capture.py",
                "LANGUAGES = {\n",
                after='    "stdlib": Language((sys.executable, "-V"), (sys.executable, "{build}/send.py")),\n',
            ),
            New(
                "tests/corpora/wire/clients/stdlib/send.py",
                "import base64, json, sys\nfrom pathlib import Path\nfrom urllib.parse import urlencode\n"
                "from urllib.request import Request, urlopen\n\n"
                "client, address, file = sys.argv[1:]\n"
                "for case in json.loads(Path(file).read_text(encoding='utf-8')):\n"
                "    fields = urlencode([tuple(pair) for pair in case.get('fields', ())])\n"
                "    url, body, headers = address + case['path'], fields.encode(), {}\n"
                "    if case['case'] == 'get':\n        url, body = f'{url}?{fields}', None\n"
                "    elif case['case'] == 'json':\n"
                "        basic = base64.b64encode(f\"{case['user']}:{case['password']}\".encode()).decode()\n"
                "        headers = {'Content-Type': 'application/json', 'Authorization': f'Basic {basic}'}\n"
                "        body = json.dumps(case['json']).encode()\n"
                "    elif 'file' in case:\n"
                "        part = 'Content-Disposition: form-data; name=\"{}\"'\n"
                "        lines = [f'--b\\r\\n{part.format(name)}\\r\\n\\r\\n{value}\\r\\n'.encode() for name, value in case['fields']]\n"
                "        sent = case['file']\n"
                "        head = f\"--b\\r\\n{part.format(sent['name'])}; filename=\\\"{sent['filename']}\\\"\"\n"
                "        head += f\"\\r\\nContent-Type: {sent['type']}\\r\\n\\r\\n\"\n"
                "        body = b''.join(lines) + head.encode() + base64.b64decode(sent['base64']) + b'\\r\\n--b--\\r\\n'\n"
                "        headers = {'Content-Type': 'multipart/form-data; boundary=b'}\n"
                "    urlopen(Request(url, body, headers)).read()\n"
                "print(sys.version.split()[0])\n",
            ),
        ),
        ("tests/corpora/test_wire.py",),
    ),
}
