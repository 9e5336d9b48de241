"""Answer -> the exact payloads that Slack gets, as plain dicts."""

from bot.platforms.slack.render.answer import render_answer, render_explanation, render_notice
from bot.platforms.slack.render.home import render_home

__all__ = ["render_answer", "render_explanation", "render_home", "render_notice"]
