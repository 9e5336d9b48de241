"""`python -m bot` is `aibrief`."""

from bot.cli import main

main()
