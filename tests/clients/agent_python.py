"""The official Python client, driven by agents_story.py: a line of JSON in, a line of JSON out.

    agent_python.py auto|legacy URL CALLBACK_PORT
"""

import asyncio
import json
import sys
import urllib.parse

import httpx2
from mcp.client import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from oauth_story import Kept

TIMEOUT_S = 60


def say(what):
    print(json.dumps(what), flush=True)


async def hear():
    return json.loads(await asyncio.to_thread(sys.stdin.readline) or "{}")


async def look(url):
    say({"authorize": url})


async def landed():
    query = urllib.parse.parse_qs(urllib.parse.urlsplit((await hear())["landed"]).query)
    return AuthorizationCodeResult(code=query["code"][0], state=query["state"][0], iss=query["iss"][0])


async def main(mode, url, port):
    redirect = f"http://127.0.0.1:{port}/callback"
    metadata = OAuthClientMetadata(client_name="The Python client", redirect_uris=[redirect], token_endpoint_auth_method="none")
    provider = OAuthClientProvider(url, metadata, Kept(), look, landed)
    async with httpx2.AsyncClient(auth=provider, timeout=TIMEOUT_S, trust_env=False) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            say({"answer": str(client.protocol_version)})
            while asked := await hear():
                try:
                    if "list" in asked:
                        say({"answer": [tool.name for tool in (await client.list_tools()).tools]})
                    else:
                        result = await client.call_tool(asked["call"], asked["arguments"], read_timeout_seconds=TIMEOUT_S)
                        say({"error": str(result.content)} if result.is_error else {"answer": result.structured_content})
                except Exception as error:
                    say({"error": repr(error)})


asyncio.run(main(*sys.argv[1:]))
