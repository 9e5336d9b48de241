"""What was asked and not covered: collected, redacted, grouped, watched and turned into patches.

May import `bot.schedules`, `bot.service`, `bot.curating` and what these may; storage and platforms
stand behind `collecting.GapStore` and `Poster`. `grouping` is pure.
"""
