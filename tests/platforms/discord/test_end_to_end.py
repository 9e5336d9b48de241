"""Real discord.py over loopback sockets: what people ask and press."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot import parts
from bot.answering import phrases
from bot.platforms.discord.render.discord_text import translate
from tests.fakes.discord import ANN, CHANNEL, GUILD, ROLE, THREAD, Asked, Trouble
from tests.memory_store import MemoryStore
from tests.payloads import buttons, plain_text
from tests.platforms.discord_world import Held, Start, World


async def shown(world: World, asked: Asked) -> dict[str, Any]:
    """What the person sees."""
    await world.fake.until(lambda: asked.answered)
    assert asked.shown
    return asked.shown


async def test_slash_is_answered_to_the_asker_only(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="china-vs-us")
        await world.fake.until(lambda: asked.callback)
        assert asked.callback
        assert asked.callback["type"] == 4
        assert asked.callback["data"]["flags"] == 1 << 15 | 64
        assert "[S1:" in plain_text(asked.callback["data"])
        assert world.fake.posts == []


async def test_autocomplete_over_the_wire(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.type_in("aibrief", "question", "multipol")
        await world.fake.until(lambda: asked.callback)
        assert asked.callback
        assert asked.callback["data"]["choices"][0]["value"] == "multipolar-world"


async def test_slow_work_is_announced_and_then_shown(start: Start) -> None:
    store = Held()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.callback)
        store.go.set()
        await world.fake.until(lambda: asked.original)
        assert asked.callback == {"type": 5, "data": {"flags": 64}}
        assert asked.original
        assert "Rules, standards" in plain_text(asked.original)


async def test_slow_work_that_is_refused_is_shown_in_plain_text(start: Start) -> None:
    store = Held()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        bad = {"code": 50035, "message": "Invalid Form Body"}
        world.fake.troubles.append(Trouble("PATCH", "/@original$", 400, body=bad))
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.callback)
        store.go.set()
        await world.fake.until(lambda: asked.original)
        assert asked.original
        assert "Rules, standards" in asked.original["content"]


async def test_a_broken_store_is_said_kindly(start: Start) -> None:
    class Broken(MemoryStore):
        async def save_plan(self, *args: Any, **more: Any) -> None:
            raise OSError("disk full")

    async with start(store=Broken()) as world:
        await world.ready()
        for locale, language in (("en-US", "en"), ("de", "de"), (None, "en")):
            asked = await world.fake.slash_in(locale, "aibrief", question="governance")
            assert plain_text(await shown(world, asked)) == translate(phrases.TROUBLE, language)
        await world.fake.mention("governance")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert plain_text(post) == phrases.TROUBLE


async def test_a_command_with_parts_that_cannot_be_read_is_answered(start: Start) -> None:
    unread = {"id": "5", "content": "list"}
    data = {"id": "1", "name": "Brief me on this", "type": 3, "target_id": "5"}
    async with start() as world:
        await world.ready()
        for parts in ({"messages": {"5": unread}}, {"messages": None}, None):
            asked = await world.fake.interact(2, data | {"resolved": parts}, locale="de")
            assert plain_text(await shown(world, asked)) == translate(phrases.TROUBLE, "de")
            assert asked.shown
            assert asked.shown["flags"] & 64


async def test_an_explanation_that_discord_finds_fault_with_is_not_passed_over(
    start: Start,
) -> None:
    bad = {"code": 50035, "message": "Invalid Form Body"}
    async with start() as world:
        await world.ready()
        answer = await shown(world, await world.fake.slash("aibrief", question="what comes next"))
        why = next(b for b in buttons(answer) if ":why:" in b["custom_id"])
        message = world.fake.message("", author=world.fake.me) | answer | {"flags": 1 << 15}
        world.fake.troubles.append(Trouble("POST", "/callback$", 400, body=bad))
        pressed = await world.fake.press(message, why["custom_id"])
        assert plain_text(await shown(world, pressed)) == phrases.TROUBLE


async def test_a_button_of_a_message_that_cannot_be_read_is_answered(start: Start) -> None:
    async with start() as world:
        await world.ready()
        first = await world.fake.slash("aibrief", question="what comes next")
        await world.fake.until(lambda: first.answered)
        assert first.shown
        why = next(b for b in buttons(first.shown) if ":why:" in b["custom_id"])
        message = world.fake.message("", author=world.fake.me) | first.shown
        for odd in ({"flags": 0}, {"components": [{"type": 999, "components": [7]}]}):
            pressed = await world.fake.press(message | odd, why["custom_id"])
            assert phrases.MATCH in plain_text(await shown(world, pressed))


@pytest.mark.parametrize(("name", "option"), [("oldcommand", "question"), ("aibrief", "about")])
async def test_a_command_that_is_no_more_gets_a_kind_answer(
    start: Start, name: str, option: str
) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash(name, **{option: "governance"})
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        assert plain_text(asked.shown) == phrases.NOTICES["old-command"]


async def test_an_option_that_is_no_more_is_completed_with_nothing(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.type_in("oldcommand", "question", "gov")
        await world.fake.until(lambda: asked.callback)
        assert asked.callback == {"type": 8, "data": {"choices": []}}


async def test_mention_is_answered_once_though_it_arrives_twice(start: Start) -> None:
    async with start() as world:
        await world.ready()
        message = await world.fake.mention("china vs us")
        await world.fake.dispatch("MESSAGE_CREATE", message)
        await world.fake.mention("governance")
        await world.fake.until(lambda: len(world.fake.posts) >= 2)
        replied = [str(post["message_reference"]["message_id"]) for post in world.fake.posts]
        assert replied.count(message["id"]) == 1
        assert len(replied) == world.fake.requests.count(_POST) == 2


async def test_a_mention_of_our_role_is_one_of_us(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.mention(
            "governance", content=f"<@&{ROLE}> governance", mentions=[], mention_roles=[ROLE]
        )
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert "Rules, standards" in plain_text(post)


async def test_a_person_who_installed_us_can_ask_anywhere(start: Start) -> None:
    """In a server and in a group chat that we are not in: privately, and by interaction only."""
    group = {"id": "500000000000000001", "type": 3, "recipients": []}
    owner = {"authorizing_integration_owners": {"1": ANN}}
    places = (
        owner | {"guild_id": "600000000000000001", "guild": {"id": "600000000000000001"}},
        owner | {"guild_id": None, "member": None, "channel": group, "context": 2},
    )
    async with start() as world:
        await world.ready()
        for place in places:
            more = {k: v for k, v in place.items() if v is not None}
            gone = [k for k, v in place.items() if v is None]
            asked = await world.fake.slash_at(more, gone, "aibrief", question="governance")
            await world.fake.until(lambda: asked.callback)  # noqa: B023 - awaited here
            assert asked.shown
            assert asked.shown
            assert asked.shown["flags"] & 64
            assert "Rules, standards" in plain_text(asked.shown)
        assert world.fake.posts == []


async def test_the_message_command_reads_what_was_forwarded(start: Start) -> None:
    async with start() as world:
        await world.ready()
        forwarded = world.fake.message("Free Chinese models change pricing")
        message = world.fake.message("", message_snapshots=[{"message": forwarded}])
        data = {"id": "1", "name": "Brief me on this", "type": 3, "target_id": message["id"]}
        data["resolved"] = {"messages": {message["id"]: message}}
        asked = await world.fake.interact(2, data)
        await world.fake.until(lambda: asked.callback)
        assert "[S" in plain_text(asked.shown or {})


async def test_a_server_that_removes_us_is_forgotten(start: Start, store: MemoryStore) -> None:
    async with start() as world:
        await world.ready()
        message = await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.posts)
        thread = f"discord:{GUILD}:{CHANNEL}:{message['id']}"
        assert await store.latest_plan(thread, now=parts.clock())
        await world.fake.dispatch("GUILD_DELETE", {"id": GUILD, "guild_id": GUILD})
        await world.fake.until(lambda: thread not in store._threads)


class SlowAtFirst(MemoryStore):
    """Takes long over the first answer only."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def save_plan(self, *args: Any, **more: Any) -> None:
        if not self.begun.is_set():
            self.begun.set()
            await asyncio.sleep(0.5)
        await super().save_plan(*args, **more)


async def test_two_quick_messages_are_answered_in_order_and_in_context(start: Start) -> None:
    """The second waits for the first, and is answered as if it had come later."""
    said = ("compare china and us on openness", "and on safety?")
    async with start() as world:
        await world.ready()
        for count, text in enumerate(said, 1):
            await world.fake.direct(text)
            await world.fake.until(lambda: len(world.fake.posts) == count)  # noqa: B023
        patient = [plain_text(post) for post in world.fake.posts]
    store = SlowAtFirst()
    async with start(store=store) as world:
        await world.ready()
        await world.fake.direct(said[0])
        await store.begun.wait()
        await world.fake.direct(said[1])
        await world.fake.mention("what comes next")
        await world.fake.until(lambda: len(world.fake.posts) == 3)
        other, *quick = [plain_text(post) for post in world.fake.posts]
        assert "next" in other.splitlines()[0], "somebody else waits for neither"
        assert quick == patient
    assert len(set(patient)) == 2


async def test_a_thread_keeps_its_context(start: Start) -> None:
    async with start() as world:
        await world.ready()
        for number, text in enumerate(("compare china and us", "more"), 1):
            await world.fake.mention(text, channel_id=THREAD)
            await world.fake.until(lambda: len(world.fake.posts) == number)  # noqa: B023
        first, second = map(plain_text, world.fake.posts)
        assert "China and United States compared" in second
        assert first != second


async def test_a_follow_up_by_reply_survives_a_restart(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.mention("compare china and us")
        (first,) = await world.fake.until(lambda: world.fake.posts)
    async with start() as world:
        await world.ready()
        reference = {"message_id": first["id"], "channel_id": CHANNEL}
        await world.fake.mention(
            "more", type=19, message_reference=reference, referenced_message=first
        )
        (second,) = await world.fake.until(lambda: world.fake.posts)
        assert "China and United States compared" in plain_text(second)


async def test_long_explanations_follow_up_privately(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="overview")
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        message = world.fake.message("", author=world.fake.me) | (asked.shown or {})
        message |= {"flags": 1 << 15 | 64}
        why = next(b for b in buttons(asked.shown) if b["label"] == phrases.WHY)
        pressed = await world.fake.press(message, why["custom_id"])
        await world.fake.until(lambda: pressed.callback)
        assert pressed.shown
        assert pressed.shown["flags"] & 64


@pytest.mark.parametrize("place", [0, 99])
async def test_a_suggestion_by_its_place(start: Start, place: int) -> None:
    async with start() as world:
        await world.ready()
        asked, message = await _asked_and_shown(world, "china-vs-us")
        answer_id = _button(asked, phrases.WHY).rsplit(":", 1)[1]
        custom_id = f"ab1:nth:{answer_id}:{place}"
        message["components"][-1]["components"][0]["custom_id"] = custom_id
        pressed = await world.fake.press(message, custom_id)
        await world.fake.until(lambda: pressed.callback)
        assert pressed.shown
        assert (plain_text(pressed.shown) == phrases.EXPIRED) is (place == 99)


@pytest.mark.parametrize(
    ("verb", "announced"), [("share", {"type": 5, "data": {}}), ("page", {"type": 6})]
)
async def test_slow_buttons_are_announced_as_what_they_will_be(
    start: Start, verb: str, announced: dict[str, Any]
) -> None:
    store = Held()
    store.go.set()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        asked, message = await _asked_and_shown(world, "china-vs-us")
        answer_id = _button(asked, phrases.WHY).rsplit(":", 1)[1]
        custom_id = f"ab1:{verb}:{answer_id}" + (":0" if verb == "page" else "")
        message["components"][-1]["components"][0]["custom_id"] = custom_id
        store.go.clear()
        pressed = await world.fake.press(message, custom_id)
        await world.fake.until(lambda: pressed.callback)
        store.go.set()
        await world.fake.until(lambda: pressed.original)
        assert pressed.callback
        assert pressed.callback["type"] == announced["type"]
        assert not (pressed.callback.get("data") or {}).get("flags")
        assert pressed.original
        assert "[S1:" in plain_text(pressed.original)


async def test_a_slow_page_that_is_gone_is_said_privately(start: Start) -> None:
    store = Held()
    store.go.set()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        _, message = await _asked_and_shown(world, "china-vs-us")
        message["components"][-1]["components"][0]["custom_id"] = "ab1:page:gone:1"
        store.go.clear()
        pressed = await world.fake.press(message, "ab1:page:gone:1")
        await world.fake.until(lambda: pressed.callback)
        store.go.set()
        (said,) = await world.fake.until(lambda: pressed.followups)
        assert plain_text(said) == phrases.EXPIRED
        assert said["flags"] & 64


_POST = ("POST", f"/channels/{CHANNEL}/messages")


async def _asked_and_shown(world: World, question: str) -> tuple[Any, dict[str, Any]]:
    """An answer that only the asker sees, and the message as Discord hands it back."""
    asked = await world.fake.slash("aibrief", question=question)
    await world.fake.until(lambda: asked.answered)
    message = world.fake.message("", author=world.fake.me) | (asked.shown or {})
    return asked.shown, message | {"flags": 1 << 15 | 64}


def _button(payload: dict[str, Any], label: str) -> str:
    return str(next(b["custom_id"] for b in buttons(payload) if b["label"] == label))
