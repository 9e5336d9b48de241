"""What a person wants of a schedule, as one value: from words, or from fields of a form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot.schedules.content import parse_content, parse_what
from bot.schedules.lexer import words_of
from bot.schedules.recurrence import local_time
from bot.schedules.said import Said
from bot.schedules.subscription import ContentKind, MisfirePolicy, Trigger
from bot.schedules.texts import Mistake, mistake
from bot.schedules.when import build
from bot.schedules.words import parse_schedule
from bot.schedules.zones import parse_zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.subscription import Content, Target


@dataclass(frozen=True, slots=True)
class Order:
    """What is None or empty is not said: it stays, or has its default."""

    said: Said = field(default_factory=Said)
    zone: str | None = None
    content: Content | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Trigger`: `misfire`, `grace_s`, `jitter_s`; `no_skips` empties the exceptions."""
    say_nothing_new: bool | None = None
    role: str | None = None
    """A role to mention; empty for none any more."""
    publish: bool | None = None

    def is_empty(self) -> bool:
        """Whether nothing at all is said."""
        return self == Order()


@dataclass(frozen=True, slots=True)
class Fields:
    """A form or the options of a command, each as it was typed or chosen; empty is not said."""

    when: str = ""
    zone: str = ""
    what: str = ""
    skip: str = ""
    until: str = ""
    missed: str = ""
    say_nothing_new: bool | None = None
    role: str | None = None
    publish: bool | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mistake and the field it is in."""

    mistake: Mistake
    field: str


def order_of_words(text: str, catalog: Catalog) -> Order | Mistake:
    """Words of a new schedule, or of changes to one."""
    parsed = parse_schedule(text)
    if isinstance(parsed, Mistake):
        return parsed
    read = parse_what(parsed, catalog)
    if isinstance(read, Mistake):
        return read
    zone, content = read
    return Order(parsed.said, zone, content, parsed.policy, parsed.say_nothing_new)


def order_of_fields(given: Fields, catalog: Catalog) -> Order | Wrong:
    """Each field on its own: what one does not understand is a mistake of that one.

    A form comes with the person's own zone; where `when` names another, that one counts.
    """
    order = Order(say_nothing_new=given.say_nothing_new, role=given.role, publish=given.publish)
    for name, read in _READERS.items():
        text = " ".join(getattr(given, name).split())
        if not text:
            continue
        found = read(text, order, catalog)
        if isinstance(found, Mistake):
            return Wrong(found, name)
        order = found
    return order


def _zone(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    del catalog
    found = parse_zone(text)
    return found if isinstance(found, Mistake) else replace(order, zone=found)


def _when(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    del catalog
    parsed = parse_schedule(text)
    if isinstance(parsed, Mistake):
        return parsed
    if parsed.rest:
        return mistake("leftover", given=parsed.rest)
    zone, policy = parsed.zone or order.zone, {**order.policy, **parsed.policy}
    return replace(order, said=parsed.said, zone=zone, policy=policy)


def _what(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    found = parse_content(text, catalog)
    return found if isinstance(found, Mistake) else replace(order, content=found)


def _skip(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    del catalog
    if text.lower() in words_of("nothing"):
        return replace(order, policy={**order.policy, "no_skips": True})
    return _beside(f"except {text}", "skips", text, order)


def _until(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    del catalog
    return _beside(f"until {text}", "until", text, order)


def _beside(words: str, name: str, text: str, order: Order) -> Order | Mistake:
    """One thing more that is said of time, read by the same grammar."""
    parsed = parse_schedule(words)
    if isinstance(parsed, Mistake):
        return parsed
    if parsed.rest or parsed.said.named() != {name}:
        return mistake("date", given=text)
    said = replace(
        order.said,
        **{name: getattr(parsed.said, name)},
        words={**order.said.words, name: text},
    )
    return replace(order, said=said)


def _missed(text: str, order: Order, catalog: Catalog) -> Order | Mistake:
    del catalog
    try:
        return replace(order, policy={**order.policy, "misfire": MisfirePolicy(text.lower())})
    except ValueError:
        return mistake("missed", given=text)


_READERS = {
    "zone": _zone,
    "when": _when,
    "what": _what,
    "skip": _skip,
    "until": _until,
    "missed": _missed,
}


def trigger_of(
    order: Order, zone: str | None, now: datetime, before: Trigger | None = None
) -> Trigger | Mistake:
    """The trigger from `now` on; `zone` is the person's own, for where none is named."""
    chosen = order.zone or (before.zone if before else zone)
    if not chosen:
        return mistake("no-zone")
    local = local_time(now, chosen)
    policy = {name: value for name, value in order.policy.items() if name != "no_skips"}
    kept = before.recurrence if before else None
    if before is not None and not order.said.named():
        recurrence = before.recurrence
    else:
        found = build(order.said, local, kept)
        if isinstance(found, Mistake):
            return found
        recurrence = found
    if order.policy.get("no_skips"):
        recurrence = replace(recurrence, skips=())
    return replace(
        before or Trigger(recurrence, chosen), recurrence=recurrence, zone=chosen, **policy
    )


def content_of(order: Order, before: Content | None = None) -> Content | None:
    """What is sent, with what is said of days without news."""
    content = order.content or before
    if content is None or order.say_nothing_new is None or content.kind is not ContentKind.CHANGES:
        return content
    return replace(content, say_nothing_new=order.say_nothing_new)


def target_of_order(order: Order, target: Target) -> Target:
    """Where to, with the role to mention and whether to publish."""
    role = target.role if order.role is None else order.role or None
    publish = target.publish if order.publish is None else order.publish
    return replace(target, role=role, publish=publish)
