"""What help, a greeting and "share that" lead to: buttons that work, in the reader's language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering import phrases
from bot.language.pack import LANGUAGES, language_of
from bot.platforms.discord.render.discord_text import translate
from bot.schedules.texts import say
from tests.fakes.discord import CHANNEL, GUILD, Trouble
from tests.payloads import buttons, plain_text
from tests.platforms.discord.test_behaviour import answer, labels_of, payload_of, shown
from tests.platforms.discord.test_schedules import Server, engine, env, schedules, server

if TYPE_CHECKING:
    from bot.schedules.subscriptions import Schedules
    from tests.fakes.discord import Asked, FakeDiscord
    from tests.platforms.discord_world import Start

__all__ = ["engine", "env", "schedules", "server"]

LOCALES = {"en": "en-GB", "zh": "zh-TW", "es": "es-419", "de": "de", "ja": "ja"}
MANAGES = {"permissions": str(1 << 4)}
VALUES = {"when": "weekdays 9:00", "what": "china-vs-us", "zone": "Berlin"}


def pressed_id(message: Any, label: str) -> str:
    (found,) = [b["custom_id"] for b in buttons(message) if b["label"] == label]
    return str(found)


def editor(fake: FakeDiscord) -> dict[str, Any]:
    """The member who may manage the channel."""
    return {"member": fake.member() | {"user": fake.ann} | MANAGES}


async def ask(fake: FakeDiscord, text: str, locale: str, **more: Any) -> dict[str, Any]:
    """What somebody sees after `/aibrief`."""
    options = [{"name": "question", "type": 3, "value": text}]
    data = {"id": "1", "name": "aibrief", "type": 1, "options": options}
    asked = await fake.interact(2, data, locale=locale, **more)
    await fake.until(lambda: asked.answered)
    return asked.shown or {}


async def form_of(fake: FakeDiscord, locale: str = "en-US") -> dict[str, Any]:
    """The form that the button under help opens."""
    label = say("button.new", language_of(locale))
    message = fake.message("", author=fake.me) | await ask(fake, "help", locale, **editor(fake))
    press = {"custom_id": pressed_id(message, label), "component_type": 2}
    opened = await fake.interact(3, press, message=message, locale=locale, **editor(fake))
    await fake.until(lambda: opened.callback)
    assert opened.callback
    assert opened.callback["type"] == 9
    found: dict[str, Any] = opened.callback["data"]
    return found


async def told(fake: FakeDiscord, asked: Asked) -> str:
    await fake.until(lambda: asked.answered)
    assert asked.callback
    assert asked.callback["data"]["flags"] == 64, "only the person sees it"
    return plain_text(asked.shown or {})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_help_leads_to_a_form_and_the_form_to_a_schedule(
    start: Start, schedules: Schedules, language: str
) -> None:
    locale = LOCALES[language]
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        form = await form_of(fake, locale)
        labels = [each["label"] for each in form["components"]]
        names = ("when", "what", "zone", "skip", "until")
        assert labels == [say(f"form.{name}", language) for name in names]
        assert form["title"] == say("form.new", language)
        sent = await fake.send_form(form, VALUES, locale=locale, **editor(fake))
        assert say("added", language) in await told(fake, sent)
        (made,) = await schedules.of_workspace("discord", GUILD)
        assert (made.target.channel, made.content.asks) == (CHANNEL, ("china-vs-us",))
        assert (made.trigger.zone, made.language) == ("Europe/Berlin", language)


async def test_a_form_of_before_a_restart_is_understood(
    start: Start, schedules: Schedules
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        form = await form_of(world.fake)
    async with start(schedules=schedules) as world:
        await world.ready()
        sent = await world.fake.send_form(form, VALUES, **editor(world.fake))
        assert say("added") in await told(world.fake, sent)
        assert len(await schedules.of_workspace("discord", GUILD)) == 1


@pytest.mark.parametrize(
    ("field", "given", "named"),
    [
        ("when", "weekdays 25:00", "`25:00` is no time of day"),
        ("when", "whenever", "whenever"),
        ("what", "the weather in Oslo", "no answer to `the weather in Oslo`"),
        ("zone", "Gotham", "Time zone: I do not know the time zone `Gotham`"),
        ("skip", "the odd day", "Except on: "),
        ("until", "doomsday", "Until: "),
    ],
)
async def test_what_cannot_be_read_is_named_and_the_form_offered_again(
    start: Start, schedules: Schedules, field: str, given: str, named: str
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        wrong = VALUES | {field: given}
        sent = await fake.send_form(await form_of(fake), wrong, **editor(fake))
        text = await told(fake, sent)
        assert named in text
        assert [b["custom_id"] for b in buttons(sent.shown or {})] == ["as1:new"]
        assert await schedules.of_workspace("discord", GUILD) == []


async def test_a_form_without_fields_is_answered(start: Start, schedules: Schedules) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        for components in ([], [{"type": 1, "components": []}], [{"type": 18}]):
            data = {"custom_id": "as1:form", "components": components}
            sent = await fake.interact(5, data, **editor(fake))
            assert await told(fake, sent)
            assert [b["custom_id"] for b in buttons(sent.shown or {})] == ["as1:new"]


async def test_a_form_that_nobody_knows_is_an_old_one(start: Start, schedules: Schedules) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        sent = await world.fake.interact(5, {"custom_id": "as0:form", "components": []})
        await world.fake.until(lambda: sent.answered)
        assert plain_text(sent.shown or {}) == phrases.NOTICES["old-button"]


async def test_a_form_that_comes_too_late_is_not_shown_and_nothing_is_done(
    start: Start, schedules: Schedules
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        late = {"code": 10062, "message": "Unknown interaction"}
        fake.troubles.append(Trouble("POST", "callback$", 404, body=late))
        message = fake.message("", author=fake.me, components=[ROW])
        press = {"custom_id": "as1:new", "component_type": 2}
        asked = await fake.interact(3, press, message=message, **editor(fake))
        await fake.until(lambda: not fake.troubles)
        sent = await fake.send_form(FORM, VALUES, **editor(fake))
        assert say("added") in await told(fake, sent), "the next one is served"
        assert asked.callback is None


ROW = {
    "type": 1,
    "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "as1:new"}],
}
FORM = {
    "custom_id": "as1:form",
    "components": [
        {"type": 18, "component": {"custom_id": name, "required": False}}
        for name in ("when", "what", "zone", "skip", "until")
    ],
}


async def test_who_may_not_schedule_is_told_so_instead(start: Start, schedules: Schedules) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        message = fake.message("", author=fake.me, components=[ROW])
        press = {"custom_id": "as1:new", "component_type": 2}
        asked = await fake.interact(3, press, message=message, locale="de")
        assert "Nur wer diesen Kanal verwalten darf" in await told(fake, asked)


async def test_where_schedules_are_off_the_button_says_so(start: Start) -> None:
    async with start() as world:
        await world.ready()
        fake = world.fake
        message = fake.message("", author=fake.me, components=[ROW])
        press = {"custom_id": "as1:new", "component_type": 2}
        asked = await fake.interact(3, press, message=message, **editor(fake))
        assert await told(fake, asked) == say("mistakes.off").replace("`", "")


async def test_an_app_that_only_a_person_has_installed_offers_no_schedules(
    start: Start, schedules: Schedules
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        owners = {"authorizing_integration_owners": {"1": "5"}}
        asked = await world.fake.slash_at(owners, ["member"], "aibrief", question="help")
        await world.fake.until(lambda: asked.answered)
        assert "as1:" not in json.dumps(asked.shown)


@pytest.mark.parametrize("text", ["stop", "schedule", "please stop posting"])
async def test_who_wants_it_to_stop_sees_what_is_scheduled_here(server: Server, text: str) -> None:
    ann, channel = server.ann, server.channel
    await ann.slash(channel, "briefing add", when="daily 9:00", what="overview", zone="UTC")
    await ann.send(channel, f"{server.env.bot.user.mention} {text}")  # type: ignore[union-attr]
    (reply,) = [m for m in channel.history() if m.author == server.env.bot.user]
    listed = await ann.click(reply, label=say("button.list"))
    assert listed.ephemeral
    assert say("list-title") in shown(listed)
    assert "id0" in shown(listed)


async def test_the_form_on_a_simulated_server(server: Server) -> None:
    """The simulator checks what a form may hold on its own."""
    ann, channel = server.ann, server.channel
    await ann.send(channel, f"{server.env.bot.user.mention} hello")  # type: ignore[union-attr]
    (reply,) = [m for m in channel.history() if m.author == server.env.bot.user]
    opened = await ann.click(reply, label=say("button.new"))
    sent = await ann.submit_modal(opened, VALUES)
    assert sent.ephemeral
    assert say("added") in shown(sent)
    refused = await server.bob.click(reply, label=say("button.new"))
    assert refused.modal is None
    assert "Only people who may manage" in shown(refused)


async def test_share_in_words_shares_what_was_told_last(server: Server) -> None:
    ann, channel = server.ann, server.channel
    first = await ann.slash(channel, "aibrief", question="what comes next")
    await ann.slash(channel, "aibrief", question="thanks")
    offer = await ann.slash(channel, "aibrief", question="share that")
    assert offer.ephemeral
    assert phrases.SHARE in labels_of(answer(offer))
    shared = await ann.click(answer(offer), label=phrases.SHARE)
    assert not shared.ephemeral
    assert shown(shared) == shown(first)
    again = await ann.click(answer(offer), label=phrases.SHARE)
    assert shown(again) == phrases.NOTICES["already-shared"]
    other = await server.bob.slash(channel, "aibrief", question="share that")
    assert phrases.SHARE not in labels_of(answer(other)), "nobody shares what another was told"


SHARE_THAT = {
    "en": "share that",
    "zh": "分享这个",
    "es": "compártelo",
    "de": "bitte teilen",
    "ja": "共有して",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_sharing_is_asked_for_and_offered_in_the_language_of_the_reader(
    start: Start, language: str
) -> None:
    async with start() as world:
        await world.ready()
        fake = world.fake
        await ask(fake, "what comes next", LOCALES[language])
        offer = await ask(fake, SHARE_THAT[language], LOCALES[language])
        labels = [button["label"] for button in buttons(offer)]
        assert translate(phrases.SHARE, language) in labels


async def test_a_direct_message_has_nobody_to_share_with(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.direct("what comes next")
        await world.fake.until(lambda: len(world.fake.posts) == 1)
        await world.fake.direct("share this")
        await world.fake.until(lambda: len(world.fake.posts) == 2)
        assert "share:" not in json.dumps(world.fake.posts[-1])


async def test_who_doubts_an_answer_reports_that_answer(server: Server) -> None:
    ann, channel = server.ann, server.channel
    first = await ann.slash(channel, "aibrief", question="what comes next")
    doubt = await ann.slash(channel, "aibrief", question="you are wrong")
    assert {phrases.WHY, phrases.NOT_HELPFUL} <= set(labels_of(answer(doubt)))
    why = await ann.click(answer(doubt), label=phrases.WHY)
    assert phrases.WHY in shown(why)
    of_first = [b["custom_id"] for b in buttons(payload_of(answer(first)))]
    of_doubt = [b["custom_id"] for b in buttons(payload_of(answer(doubt)))]
    assert {i for i in of_doubt if ":down:" in i} == {i for i in of_first if ":down:" in i}
