"""The least that is connected to both: discord.py's and Bolt's first examples in one process."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL


async def run_slack() -> None:
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]
    )
    app = AsyncApp(client=client)

    async def echo(ack: Any, command: dict[str, str]) -> None:
        await ack(command["text"])

    app.command("/aibrief")(echo)
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()  # type: ignore[no-untyped-call]


async def run_discord() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"].rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["GATEWAY"])
    client = discord.Client(intents=discord.Intents.default(), shard_id=0, shard_count=1)
    tree = app_commands.CommandTree(client)

    @tree.command(description="Say it again.")
    async def echo(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(text)

    async with client:
        await client.start(os.environ["DISCORD_TOKEN"])


async def main() -> None:
    await asyncio.gather(run_slack(), run_discord())


if __name__ == "__main__":
    asyncio.run(main())
