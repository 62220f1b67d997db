"""python send.py CLIENT ADDRESS CASES: send each case with requests, httpx, aiohttp or urllib3."""

import asyncio
import base64
import json
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site"))
client, address, file = sys.argv[1:]
cases = json.loads(Path(file).read_text(encoding="utf-8"))


def upload(case):
    file = case["file"]
    return {file["name"]: (file["filename"], base64.b64decode(file["base64"]), file["type"])}


def with_requests():
    import requests

    session = requests.Session()
    for case in cases:
        url, fields = address + case["path"], [tuple(pair) for pair in case.get("fields", ())]
        if case["case"] == "get":
            session.get(url, params=fields)
        elif case["case"] == "json":
            session.post(url, json=case["json"], auth=(case["user"], case["password"]))
        elif case["case"] == "bearer":
            session.post(url, json=case["json"], headers={"Authorization": f"Bearer {case['bearer']}"})
        elif case["case"] == "shufti-multipart":
            session.post(
                url,
                files=[(name, (None, value)) for name, value in fields],
                auth=(case["user"], case["password"]),
            )
        else:
            session.post(url, data=fields, files=upload(case) if "file" in case else None)


def with_httpx():
    import httpx

    with httpx.Client() as session:
        for case in cases:
            url, fields = address + case["path"], dict(case.get("fields", ()))
            if case["case"] == "get":
                session.get(url, params=fields)
            elif case["case"] == "json":
                session.post(url, json=case["json"], auth=(case["user"], case["password"]))
            else:
                session.post(url, data=fields, files=upload(case) if "file" in case else None)


def with_urllib3():
    import urllib3

    pool = urllib3.PoolManager()
    for case in cases:
        url, fields = address + case["path"], dict(case.get("fields", ()))
        if case["case"] == "json":
            headers = urllib3.make_headers(basic_auth=f"{case['user']}:{case['password']}")
            pool.request("POST", url, json=case["json"], headers=headers)
        elif "file" in case:
            pool.request("POST", url, fields={**fields, **upload(case)})
        else:
            pool.request(
                case["method"],
                url,
                fields=fields,
                **({"encode_multipart": False} if case["method"] == "POST" else {}),
            )


async def with_aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for case in cases:
            url, fields = address + case["path"], dict(case.get("fields", ()))
            if case["case"] == "get":
                await session.get(url, params=fields)
            elif case["case"] == "json":
                await session.post(
                    url, json=case["json"], auth=aiohttp.BasicAuth(case["user"], case["password"])
                )
            elif "file" in case:
                form = aiohttp.FormData(fields)
                for name, (filename, content, kind) in upload(case).items():
                    form.add_field(name, content, filename=filename, content_type=kind)
                await session.post(url, data=form)
            else:
                await session.post(url, data=fields)


print(f"{client} {version(client)}, Python {sys.version.split()[0]}")
{
    "requests": with_requests,
    "httpx": with_httpx,
    "urllib3": with_urllib3,
    "aiohttp": lambda: asyncio.run(with_aiohttp()),
}[client]()
