"""The command line: one file for each family of commands."""

from bot.cli.app import main

__all__ = ["main"]
