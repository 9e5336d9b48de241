"""Every interaction as a person would have it, on a simulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import discord
import pytest
import pytest_asyncio
import simcord
import structlog

from bot.answering import phrases
from bot.platforms.discord.render import payload as shapes
from bot.platforms.discord.render.discord_text import TextBudget
from tests.memory_store import MemoryStore
from tests.payloads import buttons, plain_text

if TYPE_CHECKING:
    from tests.platforms.discord.conftest import BuildComponent


class Server:
    """A server with one channel and one person in it."""

    def __init__(self, env: simcord.Env) -> None:
        self.env = env
        guild = env.create_guild()
        self.channel = guild.create_text_channel("general")
        self.ann = guild.add_member(env.create_user("ann"))
        self.bob = guild.add_member(env.create_user("bob"))

    @property
    def me(self) -> str:
        assert self.env.bot.user
        return self.env.bot.user.mention

    def posts(self) -> list[discord.Message]:
        return [m for m in self.channel.history() if m.author == self.env.bot.user]


@pytest_asyncio.fixture
async def env(build_component: BuildComponent) -> AsyncIterator[simcord.Env]:
    simulated = simcord.Env(build_component().new_bot(), shard_count=1)
    await simulated.start()
    yield simulated
    await simulated.shutdown()
    simulated.raise_errors()


@pytest.fixture
def server(env: simcord.Env) -> Server:
    return Server(env)


def shown(result: Any) -> str:
    """What the person reads in the answer to an interaction."""
    return text_of(answer(result))


def answer(result: Any) -> Any:
    """The message that answers an interaction."""
    assert result.response is not None
    return result.response


def text_of(message: Any) -> str:
    return plain_text(payload_of(message))


def labels_of(message: Any) -> list[str]:
    return [button["label"] for button in buttons(payload_of(message))]


def payload_of(message: Any) -> dict[str, Any]:
    components = message.components
    if components and not isinstance(components[0], dict):
        components = [component.to_dict() for component in components]
    return {"content": message.content, "components": components}


async def test_slash_answers_only_the_asker_with_buttons(server: Server) -> None:
    result = await server.ann.slash(server.channel, "aibrief", question="china-vs-us")
    assert result.ephemeral
    assert "[S1:" in shown(result)
    labels = labels_of(answer(result))
    assert {phrases.SHARE, phrases.WHY, phrases.HELPFUL, phrases.NOT_HELPFUL} <= set(labels)
    assert server.posts() == []


async def test_free_text_with_typos_is_accepted(server: Server) -> None:
    result = await server.ann.slash(server.channel, "aibrief", question="compare chnia and us")
    assert "China and United States compared" in shown(result)


async def test_autocomplete_offers_briefs_then_asks(server: Server) -> None:
    everything = await server.ann.autocomplete(server.channel, "aibrief", "question", "")
    assert {"name": "China and the US compared", "value": "china-vs-us"} in everything
    assert len(everything) <= 25
    found = await server.ann.autocomplete(server.channel, "aibrief", "question", "multipol")
    assert found[0]["value"] == "multipolar-world"


async def test_autocomplete_survives_any_text(server: Server) -> None:
    assert await server.ann.autocomplete(server.channel, "aibrief", "question", "🦑" * 200) == []


async def test_briefs_lists_and_its_menu_opens_one(server: Server) -> None:
    listed = await server.ann.slash(server.channel, "briefs")
    assert listed.ephemeral
    assert phrases.LIST_TITLE in shown(listed)
    opened = await server.ann.select(answer(listed), ["geopolitics"])
    assert opened.ephemeral
    assert "Geopolitics" in shown(opened)


async def test_suggestion_answers_privately(server: Server) -> None:
    first = await server.ann.slash(server.channel, "aibrief", question="china-vs-us")
    offers = [b for b in buttons(payload_of(answer(first))) if ":ask:" in b["custom_id"]]
    result = await server.ann.click(answer(first), custom_id=offers[0]["custom_id"])
    assert result.ephemeral
    assert shown(result) != shown(first)


async def test_share_posts_the_same_words_for_all(server: Server) -> None:
    first = await server.ann.slash(server.channel, "aibrief", question="what comes next")
    shared = await server.ann.click(answer(first), label=phrases.SHARE)
    assert not shared.ephemeral
    assert [text_of(m) for m in server.posts()] == [shown(first)]
    labels = labels_of(answer(shared))
    assert phrases.SHARE not in labels
    assert phrases.WHY in labels


async def test_pages_turn_in_place_where_only_the_asker_sees_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "PAGE", TextBudget(500, 1500))
    first = await server.ann.slash(server.channel, "aibrief", question="compare china and us")
    page_1 = shown(first)
    (forward,) = [label for label in labels_of(answer(first)) if phrases.NEXT in label]
    turned = await server.ann.click(answer(first), label=forward)
    assert turned.response is None or answer(turned).id == answer(first).id
    page_2 = shown(first)
    assert page_2 != page_1
    assert any(phrases.PREVIOUS in label for label in labels_of(answer(first)))


async def test_pages_of_a_public_post_turn_for_the_reader_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "PAGE", TextBudget(500, 1500))
    await server.ann.send(server.channel, f"{server.me} compare china and us")
    (post,) = server.posts()
    (forward,) = [label for label in labels_of(post) if phrases.NEXT in label]
    turned = await server.bob.click(post, label=forward)
    assert turned.ephemeral
    assert [text_of(m) for m in server.posts()] == [text_of(post)]


async def test_where_we_may_not_write_the_person_is_told_once_directly(server: Server) -> None:
    me = server.env.guild.me
    assert me
    no = discord.PermissionOverwrite(send_messages=False)
    quiet = server.env.guild.create_text_channel("quiet", overwrites={me: no})
    sent = len(server.env.http_requests)
    for _ in range(2):
        await server.ann.send(quiet, f"{server.me} china vs us")
    asked = [request.path for request in server.env.http_requests[sent:]]
    assert not any(str(quiet.id) in path for path in asked), "a refusal counts against us"
    assert [path.rpartition("/")[2] for path in asked] == ["channels", "messages"]


async def test_logs_never_hold_what_was_written(server: Server) -> None:
    with structlog.testing.capture_logs() as logs:
        await server.ann.send(server.channel, f"{server.me} xylophone china vs us")
        await server.ann.slash(server.channel, "aibrief", question="xylophone governance")
    assert [entry["event"] for entry in logs].count("discord.answered") == 2
    assert "xylophone" not in str(logs)


async def test_why_this_shows_snippets_lines_and_match(server: Server) -> None:
    first = await server.ann.slash(server.channel, "aibrief", question="what comes next")
    why = await server.ann.click(answer(first), label=phrases.WHY)
    assert why.ephemeral
    assert phrases.OF_100 in shown(why)
    assert "[S1:19" in shown(why)


async def test_thumbs_are_stored_once_a_person(server: Server, store: MemoryStore) -> None:
    first = await server.ann.slash(server.channel, "aibrief", question="governance")
    shared = await server.ann.click(answer(first), label=phrases.SHARE)
    up = await server.ann.click(answer(first), label=phrases.HELPFUL)
    assert up.ephemeral
    assert shown(up) == phrases.NOTED
    await server.ann.click(answer(first), label=phrases.NOT_HELPFUL)
    await server.bob.click(answer(shared).message, label=phrases.HELPFUL)
    assert await store.rating_totals() == {"governance": (1, 1)}


async def test_message_command_finds_the_briefs(server: Server) -> None:
    said = await server.bob.send(server.channel, "Free Chinese models will change pricing, no?")
    result = await server.ann.context_menu(server.channel, "Brief me on this", said)
    assert result.ephemeral
    assert "China" in shown(result)
    assert server.posts() == []


async def test_message_command_on_small_talk_says_so(server: Server) -> None:
    said = await server.bob.send(server.channel, "Lunch?")
    result = await server.ann.context_menu(server.channel, "Brief me on this", said)
    assert phrases.NOTES["not-covered"] in shown(result)


async def test_message_command_reads_embeds_and_components(server: Server) -> None:
    field = discord.Embed().add_field(name="News", value="Free Chinese models change pricing")
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.TextDisplay("Free Chinese models change pricing"))
    view.stop()
    channel: Any = server.env.bot.get_channel(server.channel.id)
    for said in (await channel.send(embed=field), await channel.send(view=view)):
        result = await server.ann.context_menu(server.channel, "Brief me on this", said)
        assert "[S" in shown(result)


async def test_message_command_on_a_picture_says_that_there_is_no_text(server: Server) -> None:
    said = await server.bob.send(server.channel, attachments=[("map.png", b"png")])
    result = await server.ann.context_menu(server.channel, "Brief me on this", said)
    assert shown(result) == phrases.NOTICES["no-text"]


async def test_mention_is_answered_as_a_reply_that_pings_nobody(server: Server) -> None:
    asked = await server.ann.send(server.channel, f"{server.me} china vs us")
    (post,) = server.posts()
    assert post.reference
    assert post.reference.message_id == asked.id
    assert post.mentions == []
    assert "[S1:" in text_of(post)


async def test_reply_to_an_answer_goes_on_with_it(server: Server) -> None:
    await server.ann.send(server.channel, f"{server.me} compare china and us")
    first = server.posts()[-1]
    follow = await server.ann.send(server.channel, f"{server.me} more", reply_to=first)
    second = server.posts()[-1]
    assert second.reference
    assert second.reference.message_id == follow.id
    assert "China and United States compared" in text_of(second)
    await server.ann.send(server.channel, f"{server.me} more", reply_to=second)
    assert "China and United States compared" in text_of(server.posts()[-1])


async def test_reply_to_a_shared_answer_goes_on_with_it(server: Server) -> None:
    first = await server.ann.slash(server.channel, "aibrief", question="compare china and us")
    await server.ann.click(answer(first), label=phrases.SHARE)
    (shared,) = server.posts()
    await server.bob.send(server.channel, f"{server.me} more", reply_to=shared)
    more = server.posts()[-1]
    assert "China and United States compared" in text_of(more)
    assert text_of(more) != text_of(shared)


async def test_messages_not_for_us_are_left_alone(server: Server) -> None:
    await server.ann.send(server.channel, "china vs us")
    await server.ann.send(server.channel, f"{server.bob.mention} china vs us")
    robot = server.env.guild.add_member(server.env.create_user("robot", bot=True))
    await robot.send(server.channel, f"{server.me} china vs us")
    assert server.posts() == []


async def test_direct_messages_are_a_conversation(server: Server) -> None:
    await server.ann.send_dm("compare china and us")
    await server.ann.send_dm("more")
    said = [m for m in server.ann.user.dm_channel.history() if m.author == server.env.bot.user]
    assert len(said) == 2
    assert all("China and United States compared" in text_of(m) for m in said)
    labels = [label for message in said for label in labels_of(message)]
    assert phrases.WHY in labels
    assert phrases.SHARE not in labels


async def test_slash_in_direct_messages_stays_visible(server: Server) -> None:
    result = await server.ann.user.slash("aibrief", question="governance")
    assert not result.ephemeral
    assert phrases.SHARE not in labels_of(answer(result))


async def test_buttons_work_after_a_restart(
    server: Server, build_component: BuildComponent
) -> None:
    await server.ann.send(server.channel, f"{server.me} what comes next")
    (post,) = server.posts()
    await server.env.restart_bot(build_component().new_bot())
    why = await server.bob.click(post, label=phrases.WHY)
    assert why.ephemeral
    assert "[S1:19" in shown(why)


async def test_button_of_a_forgotten_answer_gets_a_kind_answer(
    server: Server, build_component: BuildComponent
) -> None:
    await server.ann.send(server.channel, f"{server.me} what comes next")
    (post,) = server.posts()
    await server.env.restart_bot(build_component(store=MemoryStore()).new_bot())
    for label in (phrases.WHY, phrases.HELPFUL):
        result = await server.ann.click(post, label=label)
        assert result.ephemeral
        assert shown(result) == phrases.EXPIRED


@pytest.mark.parametrize("custom_id", ["ab0:why:abc", "ab1:dance:abc", "vote", "ab1:page:abc"])
async def test_button_of_an_earlier_version_gets_a_kind_answer(
    server: Server, custom_id: str
) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Old", custom_id=custom_id))
    view.stop()
    await server.ann.send(server.channel, "hello")
    channel: Any = server.env.bot.get_channel(server.channel.id)
    old = await channel.send("An answer of long ago.", view=view)
    result = await server.ann.click(old, label="Old")
    assert result.ephemeral
    assert shown(result) == phrases.NOTICES["old-button"]


@pytest.mark.parametrize(
    "question",
    ["@everyone <@123456789012345678> <@&1234567890123456> discord.gg/abc", "x" * 5000, "*", "?!"],
)
async def test_nothing_of_a_question_is_repeated(server: Server, question: str) -> None:
    result = await server.ann.slash(server.channel, "aibrief", question=question)
    text = shown(result)
    for part in ("@everyone", "123456", "discord.gg", "xxx"):
        assert part not in text
