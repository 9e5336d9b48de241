"""The command line: one file for each family of commands, loaded only when one of them is typed.

May import everything below it, large things inside functions so that `aibrief ask` starts soon;
it is imported by nothing but `bot.__main__`, and speaks to a language model through `bot.parts`.
"""

from bot.cli.command_line import main

__all__ = ["main"]
