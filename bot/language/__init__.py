"""The neutral language pack: function words, intents, chat words and a dictionary, for any library.

Data files and their loader. May import nothing of the project but `bot.errors`; holds nothing of
any library's subject.
"""
