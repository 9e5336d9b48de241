"""Discord: the only package that knows discord.py.

discord_component  one session after the other; what the wiring builds
client             what discord.py calls: events, buttons, new sessions
slash_commands     the commands: what they are called, take and do; their registration
message_reading    an event -> what it says, and who is to see the answer
handling           events -> questions
sending            payloads -> posts, once for each nonce, and answers to interactions, in time
desk               questions and buttons -> payloads, through the assistant; knows no SDK
discord_platform   all that the rest of the bot knows of it, posts and refusals included
inspection         what `doctor`, `discord sync` and `discord invite` need

Nothing here is imported by another platform; `render` and `discord_preview` are pure.
"""
