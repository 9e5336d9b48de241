"""A bare Bolt app to compare with: the echo command of Bolt's documentation.

`ack` answers in the acknowledgement; `respond` acknowledges and posts to the response URL, as
https://docs.slack.dev/tools/bolt-python/concepts/commands shows it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(kind: str, port: int, api_url: str, secret: str) -> None:
    logging.disable(logging.CRITICAL)
    client = AsyncWebClient(token="xoxb-one", base_url=api_url)
    app = AsyncApp(client=client, signing_secret=secret)

    async def echo_by_ack(ack: Any, command: dict[str, str]) -> None:
        await ack(command["text"])

    async def echo_by_respond(ack: Any, respond: Any, command: dict[str, str]) -> None:
        await ack()
        await respond(command["text"])

    app.command("/aibrief")(echo_by_ack if kind == "ack" else echo_by_respond)
    server = app.web_app(path="/slack/events", port=port)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
