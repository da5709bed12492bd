"""FastMCP's client, driven by agents_story.py: a line of JSON in, a line of JSON out. It listens for its code itself, and opens a browser, which
here is whoever reads our lines.

    agent_fastmcp.py URL
"""

import asyncio
import json
import sys
import warnings
import webbrowser

from fastmcp import Client
from fastmcp.client.auth import OAuth

TIMEOUT_S = 60


def say(what):
    print(json.dumps(what), flush=True)


async def hear():
    return json.loads(await asyncio.to_thread(sys.stdin.readline) or "{}")


async def main(url):
    webbrowser.open = lambda address, *_: say({"authorize": address})
    warnings.simplefilter("ignore")
    auth = OAuth(client_name="FastMCP", callback_host="127.0.0.1")
    async with Client(url, auth=auth, timeout=TIMEOUT_S) as client:
        say({"answer": "ready"})
        while asked := await hear():
            try:
                if "list" in asked:
                    say({"answer": [tool.name for tool in await client.list_tools()]})
                else:
                    result = await client.call_tool(asked["call"], asked["arguments"])
                    say({"answer": result.structured_content})
            except Exception as error:
                say({"error": repr(error)})


asyncio.run(main(*sys.argv[1:]))
