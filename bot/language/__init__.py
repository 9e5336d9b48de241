"""The languages, one folder of data each, with a dictionary and the names of countries.

A new folder `<code>/` is a new language everywhere: `pack.LANGUAGES` lists the folders, and each
file must have the keys of English. Nothing in them is of a library's subject. May import nothing
of the project but `bot.errors`.
"""
