"""The use cases of schedules: who may do what, and what they are told; platforms translate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.schedules import schedule_phrases as words
from bot.schedules.briefing import compose_briefing, describe_content, digests, parse_what
from bot.schedules.posting import reply_of
from bot.schedules.schedule import next_key, next_runs, start
from bot.schedules.schedule_options import Mistake, mistake
from bot.schedules.schedule_texts import describe_policy, describe_rhythm
from bot.schedules.schedule_words import parse_changes, parse_schedule
from bot.schedules.subscription import Change, Kind, Standing, Subscription, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
    from bot.service.assistant import Reply

MOST_IN_A_CHANNEL = 25
SHOWN_RUNS = 5
ACTS = frozenset({"pause", "resume", "remove", "delete", "test", "preview", "history"})
"""What can be done to one schedule: `pause ID`."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as far as the platform knows."""

    id: str
    zone: str | None = None
    """The time zone of the person's profile."""
    may_manage: bool = False
    """Whether the platform lets them manage the channel."""
    groups: frozenset[str] = frozenset()
    """Ids of the roles they have."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person is told; in `lines`, text between backticks is code."""

    lines: tuple[str, ...]
    ok: bool = True
    wrong: str = ""
    """Which of `schedule_phrases.MISTAKES` it is, where it is not ok."""
    subscription: Subscription | None = None
    preview: tuple[Reply, ...] = field(default=())
    """What the next run posts, to be shown to the person only."""


class Schedules:
    """The schedules of channels; one object serves both platforms."""

    def __init__(
        self,
        store: SubscriptionStore,
        log: DeliveryLog,
        catalog: Callable[[], Catalog],
        new_id: Callable[[], str],
        *,
        managers: frozenset[str] = frozenset(),
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._log = log
        self._catalog = catalog
        self._new_id = new_id
        self._managers = managers
        self._changed = changed

    async def command(self, text: str, target: Target, person: Person, now: datetime) -> Shown:
        """`list`, `edit ID ...`, `pause ID` and so on, or the words of a new schedule."""
        verb, _, rest = text.strip().partition(" ")
        verb, rest = verb.lower(), rest.strip()
        if verb in {"", "help"} and not rest:
            return Shown(words.HELP)
        if verb == "list" and not rest:
            return await self.listed(target, now)
        if verb in {*ACTS, "edit", "change"} and not rest:
            asked = words.WHICH.format(verb=verb)
            return Shown((asked, *(await self.listed(target, now)).lines), ok=False)
        if verb in {"edit", "change"}:
            name, _, more = rest.partition(" ")
            return await self.edit(name, more, target, person, now)
        if verb in ACTS and rest and " " not in rest:
            return await self._on_one(verb, rest, target, person, now)
        return await self.add(rest if verb == "add" else text, target, person, now)

    async def _on_one(
        self, verb: str, name: str, target: Target, person: Person, now: datetime
    ) -> Shown:
        if verb == "history":
            return await self.history(name, target)
        if verb in {"test", "preview"}:
            return await self.test(name, target, now)
        return await self.act(verb, name, target, person, now)

    async def add(self, text: str, target: Target, person: Person, now: datetime) -> Shown:
        """Make a schedule for this channel."""
        if not self._may(person):
            return _told(mistake("not-allowed"))
        parsed = parse_schedule(text, person.zone)
        if isinstance(parsed, Mistake):
            return _told(parsed)
        read = parse_what(parsed, self._catalog())
        if isinstance(read, Mistake):
            return _told(read)
        parsed, content = read
        if content is None:
            return _told(mistake("content"))
        there = await self._store.of_channel(target)
        if len(there) >= MOST_IN_A_CHANNEL:
            return _told(mistake("too-many", given=str(len(there))))
        made = Subscription(
            id=await self._free_id(),
            target=target,
            content=content,
            rhythm=parsed.rhythm,
            owner=person.id,
            created_at=now,
        )
        made = await self._put(start(made, now), person, "added", now)
        return self._confirm(words.ADDED, made, now, guessed="zone" not in parsed.named)

    async def edit(
        self, name: str, text: str, target: Target, person: Person, now: datetime
    ) -> Shown:
        """Change when or what; what is not named stays."""
        found = await self._changeable(name, target, person)
        if isinstance(found, Mistake):
            return _told(found)
        changed = self._edited(found, text)
        if isinstance(changed, Mistake):
            return _told(changed)
        if changed.standing is Standing.ACTIVE:
            changed = start(changed, now)
        changed = await self._put(changed, person, "edited", now)
        return self._confirm(words.CHANGED, changed, now)

    async def act(
        self, verb: str, name: str, target: Target, person: Person, now: datetime
    ) -> Shown:
        """`pause`, `resume` or `remove`."""
        found = await self._changeable(name, target, person)
        if isinstance(found, Mistake):
            return _told(found)
        match verb:
            case "pause":
                paused = replace(found, standing=Standing.PAUSED, paused_for=None, next_at=None)
                paused = await self._put(paused, person, "paused", now)
                return Shown((f"{words.PAUSED} {self._line(paused)}",), subscription=paused)
            case "resume":
                running = await self._put(start(found, now), person, "resumed", now)
                return self._confirm(words.RESUMED, running, now)
        line = self._line(found)
        await self._store.remove(found.id, Change(found.id, now, person.id, "removed", line))
        self._changed()
        return Shown((f"{words.REMOVED} {line}",))

    async def test(self, name: str, target: Target, now: datetime) -> Shown:
        """What the next run will post, exactly."""
        found = await self._find(name, target)
        if isinstance(found, Mistake):
            return _told(found)
        preview = await self.preview(found, now)
        if not preview and found.content.kind is Kind.ASKS:
            return Shown((words.NOTHING_LEFT,), subscription=found)
        return Shown((words.TESTED,), subscription=found, preview=preview)

    async def preview(self, subscription: Subscription, now: datetime) -> tuple[Reply, ...]:
        """The next run's posts as of its day, with the ids that they will have."""
        before = None
        if subscription.content.kind is Kind.CHANGES and subscription.last_library:
            before = await self._log.digests(subscription.last_library)
        day = max(now, subscription.next_at or now).date()
        briefing = compose_briefing(subscription, self._catalog(), before, day)
        key = next_key(subscription, now)
        return tuple(reply_of(key, i, post) for i, post in enumerate(briefing.posts))

    async def listed(self, target: Target, now: datetime) -> Shown:
        """The schedules of a channel, each with its next run."""
        there = await self._store.of_channel(target)
        if not there:
            return Shown((words.NONE_YET.format(example=words.EXAMPLE),))
        return Shown((words.LIST_TITLE, *(f"• {self.summary(s, now)}" for s in there)))

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        """The schedules of a channel, for autocomplete and for the home."""
        return await self._store.of_channel(target)

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """The schedules of a workspace, for the home."""
        return await self._store.of_workspace(platform, workspace)

    async def history(self, name: str, target: Target) -> Shown:
        """Who did what."""
        found = await self._find(name, target)
        if isinstance(found, Mistake):
            return _told(found)
        changes = await self._store.history(found.id)
        lines = [f"• {c.at:%Y-%m-%d %H:%M} UTC {c.what}: {c.detail} ({c.who})" for c in changes]
        return Shown((words.HISTORY_TITLE, *lines[:20]))

    def summary(self, subscription: Subscription, now: datetime) -> str:
        """One line: the id, what, when, and the next run or why there is none."""
        if subscription.standing is Standing.PAUSED:
            why = f" ({subscription.paused_for})" if subscription.paused_for else ""
            return f"{self._line(subscription)}: {words.PAUSED.rstrip('.').lower()}{why}"
        runs = next_runs(subscription.rhythm, now, 1)
        following = f"{runs[0]:%a %Y-%m-%d %H:%M}" if runs else words.NO_RUNS
        return f"{self._line(subscription)}; {words.NEXT_RUNS.lower()}: {following}"

    def _confirm(
        self, said: str, subscription: Subscription, now: datetime, *, guessed: bool = False
    ) -> Shown:
        rhythm = subscription.rhythm
        runs = next_runs(rhythm, now, SHOWN_RUNS)
        lines = [f"{said} {self._line(subscription)}", describe_policy(rhythm)]
        lines.append(f"{words.NEXT_RUNS} ({rhythm.zone}):" if runs else words.NO_RUNS)
        lines += [f"• {run:%a %Y-%m-%d %H:%M}" for run in runs]
        if guessed:
            lines.append(words.ZONE_GUESSED.format(zone=rhythm.zone))
        return Shown(tuple(lines), subscription=subscription)

    def _line(self, subscription: Subscription) -> str:
        what = describe_content(subscription.content, self._catalog()).replace("`", "'")
        return f"`{subscription.id}` {what}: {describe_rhythm(subscription.rhythm)}"

    def _may(self, person: Person) -> bool:
        return person.may_manage or bool(self._managers & {person.id, *person.groups})

    def _edited(self, found: Subscription, text: str) -> Subscription | Mistake:
        """New times, a new content, or both."""
        parsed = parse_changes(text, found.rhythm)
        if isinstance(parsed, Mistake):
            return parsed
        read = parse_what(parsed, self._catalog())
        if isinstance(read, Mistake):
            return read
        parsed, given = read
        content = given or found.content
        if given is None and parsed.say_nothing_new:
            content = replace(content, say_nothing_new=True)
        return replace(found, rhythm=parsed.rhythm, content=content)

    async def _changeable(
        self, name: str, target: Target, person: Person
    ) -> Subscription | Mistake:
        if not self._may(person):
            return mistake("not-allowed")
        return await self._find(name, target)

    async def _find(self, name: str, target: Target) -> Subscription | Mistake:
        """A schedule of this channel by its id; those of other channels are not told of."""
        name = name.strip("`").lower()
        found = [s for s in await self._store.of_channel(target) if s.id == name]
        return found[0] if found else mistake("no-such", given=name)

    async def _free_id(self) -> str:
        while True:
            fresh = self._new_id()
            if await self._store.find(fresh) is None and not await self._store.history(fresh):
                return fresh

    async def _compares(self, subscription: Subscription) -> bool:
        """Whether it is known what the last briefing's library said."""
        last = subscription.last_library
        return last is not None and await self._log.digests(last) is not None

    async def _put(
        self, subscription: Subscription, person: Person, what: str, now: datetime
    ) -> Subscription:
        """Store it; one that tells of changes counts from the library of today on."""
        if subscription.content.kind is Kind.CHANGES and not await self._compares(subscription):
            catalog = self._catalog()
            version = catalog.library.version
            await self._log.keep_library(version, digests(catalog), now)
            subscription = replace(subscription, last_library=version)
        change = Change(subscription.id, now, person.id, what, self._line(subscription))
        await self._store.put(subscription, change)
        self._changed()
        return subscription


def _told(wrong: Mistake) -> Shown:
    return Shown((wrong.text,), ok=False, wrong=wrong.key)
