"""Discord: the only package that knows discord.py.

component   one session after the other; what the wiring builds
client      what discord.py calls: events, buttons, new sessions
command_texts  what the commands are called
commands    the commands, their languages and their registration
handling    events -> questions; who sees the answer
responding  interactions, answered in time and once
delivery    posts, once for each nonce
desk        questions and buttons -> payloads, through the assistant; knows no SDK
post_rules  how many posts it takes, and what refusals mean for a schedule
pacing      how often: sessions and questions; arithmetic only
views       payloads -> what discord.py sends
inspection  what `doctor`, `discord sync` and `discord invite` need
"""
