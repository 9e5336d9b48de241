"""The neutral language pack: function words, intents, chat words and a dictionary.

Data files and their loader, for every library alike: nothing in them is of a library's subject.
May import nothing of the project but `bot.errors`.
"""
