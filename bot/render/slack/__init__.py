"""Answer -> the exact payloads that Slack gets, as plain dicts."""

from bot.render.slack.answer import render_answer, render_explanation, render_notice
from bot.render.slack.home import render_home

__all__ = ["render_answer", "render_explanation", "render_home", "render_notice"]
