"""Answer -> the exact payloads that Slack gets, as plain dicts.

Pure: may import answers, texts and `platforms.base`; never an SDK, I/O or a clock.
"""

from bot.platforms.slack.render.home import render_home
from bot.platforms.slack.render.slack_answer import render_answer, render_explanation
from bot.platforms.slack.render.slack_notices import render_notice

__all__ = ["render_answer", "render_explanation", "render_home", "render_notice"]
