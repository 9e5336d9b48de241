"""What is shown of a reply or of an error, and what is logged of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from bot.answering import phrases
from bot.platforms.plain import Beside
from bot.platforms.slack.render import render_answer, render_notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.answer import Suggestion
    from bot.platforms.slack.deliver import Render
    from bot.platforms.slack.incoming import Place
    from bot.service.assistant import Reply

log = structlog.get_logger(__name__)


def show_answer(reply: Reply, place: Place) -> Render:
    """As everybody sees it; in a channel, the answer before can be shared from its thread."""
    return _shown(reply, None, None if place.direct else place.user)


def show_shared(reply: Reply) -> Render:
    """As it is shared with everybody."""
    return _shown(reply, None, None)


def show_shareable(reply: Reply, place: Place) -> Render:
    """With a share button, except where everybody in the conversation sees it anyway.

    A command in a direct message between two people is seen by one of them only.
    """
    asker = None if place.direct and not place.ephemeral else place.user
    return _shown(reply, asker, asker)


def _shown(reply: Reply, share_as: str | None, share_before_as: str | None) -> Render:
    beside = Beside(about=reply.about, schedules=True, share_as=share_before_as)
    return lambda newest: render_answer(
        reply.answer,
        reply.id,
        share_as=share_as,
        can_tell=reply.can_tell,
        beside=beside,
        newest=newest,
    )


def show_notice(key: str) -> Render:
    """A fixed phrase of `phrases.NOTICES`."""
    return lambda _: (render_notice(key),)


def prompts_payload(channel: str, offers: Sequence[Suggestion]) -> dict[str, object]:
    """Without `thread_ts`, as an agent's conversation wants it.

    https://docs.slack.dev/ai/migrating-to-agent-messaging
    """
    prompts = [{"title": offer.label, "message": offer.ask} for offer in offers]
    return {"channel_id": channel, "title": phrases.PROMPTS_TITLE, "prompts": prompts}


def log_answer(reply: Reply, kind: str, began: float) -> None:
    """One line for each answer; never what was written."""
    answer = reply.answer
    log.info(
        "slack.answered",
        kind=kind,
        status=answer.status.value,
        intent=answer.intent.value,
        brief=answer.brief,
        snippets=list(answer.snippets),
        score=answer.score,
        answer_ms=round((time.perf_counter() - began) * 1000, 1),
    )
