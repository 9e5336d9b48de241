"""The command line: one file for each family of commands."""

from bot.cli.command_line import main

__all__ = ["main"]
