"""What a team writes, as checked values: sources, statements, briefs and vocabulary; their files.

May import nothing of the project but `bot.language` and `bot.errors`; never a feature.
"""
