"""What a subscription says as plain values: in the database, and in a YAML file for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import yaml

from bot.errors import SettingsError
from bot.language.pack import language_of
from bot.library.yamlfile import parse_yaml
from bot.schedules.lexer import MOST_GRACE_S, MOST_JITTER_S
from bot.schedules.recurrence import (
    CLOSEST,
    Recurrence,
    cron_problem,
    cron_recurrence,
    dump_recurrence,
    parse_recurrence,
    problem_of,
)
from bot.schedules.subscription import (
    Content,
    ContentKind,
    MisfirePolicy,
    Subscription,
    SubscriptionStatus,
    Target,
    Trigger,
)
from bot.schedules.zones import is_zone


def dump_content(content: Content) -> dict[str, Any]:
    """Content as JSON types."""
    return {
        "kind": content.kind.value,
        "asks": list(content.asks),
        "say_nothing_new": content.say_nothing_new,
    }


def parse_content(data: Mapping[str, Any]) -> Content:
    """JSON types -> content; raises ValueError, KeyError or TypeError where they are wrong."""
    content = Content(
        ContentKind(data["kind"]),
        tuple(str(ask) for ask in data.get("asks") or ()),
        bool(data.get("say_nothing_new", False)),
    )
    if content.kind is ContentKind.ASKS and not content.asks:
        raise ValueError("asks must name at least one brief or question")
    return content


def dump_trigger(trigger: Trigger) -> dict[str, Any]:
    """A trigger as JSON types."""
    return {
        "recurrence": dump_recurrence(trigger.recurrence),
        "zone": trigger.zone,
        "catch_up": trigger.misfire.value,
        "grace_s": trigger.grace_s,
        "jitter_s": trigger.jitter_s,
    }


def parse_trigger(data: Mapping[str, Any], now: datetime | None = None) -> Trigger:
    """JSON types -> a trigger.

    A person may write a cron expression instead: it counts from `now` on.

    Raises:
        ValueError: They are wrong; likewise KeyError and TypeError.
    """
    trigger = Trigger(
        recurrence=_recurrence(data, now),
        zone=str(data["zone"]),
        misfire=MisfirePolicy(data.get("catch_up", MisfirePolicy.MERGE)),
        grace_s=int(data.get("grace_s", 7200)),
        jitter_s=int(data.get("jitter_s", 0)),
    )
    for name, given, most in (
        ("grace_s", trigger.grace_s, MOST_GRACE_S),
        ("jitter_s", trigger.jitter_s, MOST_JITTER_S),
    ):
        if not 0 <= given <= most:
            raise ValueError(f"{name} must be from 0 to {most}")
    return trigger


def _recurrence(data: Mapping[str, Any], now: datetime | None) -> Recurrence:
    if "cron" not in data or now is None:
        return parse_recurrence(data["recurrence"])
    cron = str(data["cron"])
    if problem := cron_problem(cron):
        raise ValueError(f"cron {cron!r} cannot be used ({problem})")
    skips = tuple(date.fromisoformat(str(day)) for day in data.get("skip_dates") or ())
    return cron_recurrence(cron, now.replace(tzinfo=None, second=0, microsecond=0), skips)


def dump_file(
    subscriptions: Iterable[Subscription], libraries: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """The YAML text of a backup.

    `libraries` are the digests of those that "changes" were told of last, by their version.
    """
    listed = [
        {
            "id": s.id,
            **_picked(s.target, "platform workspace channel role publish"),
            **_picked(s, "owner language"),
            "standing": s.standing.value,
            "paused_for": s.paused_for,
            "created_at": s.created_at.isoformat(),
            **_picked(s, "last_brief last_library"),
            "content": dump_content(s.content),
            "rhythm": dump_trigger(s.trigger),
        }
        for s in subscriptions
    ]
    data: dict[str, Any] = {"schedules": listed}
    if libraries:
        data["libraries"] = {version: dict(told) for version, told in libraries.items()}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _picked(value: object, names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names.split()}


def parse_libraries(text: str, name: str = "The file") -> Mapping[str, Mapping[str, str]]:
    """What a backup says of the libraries that were told of; empty where it says nothing.

    Raises:
        SettingsError: It is wrong.
    """
    libraries = _load(text, name, "libraries")
    if libraries is None:
        return {}
    if not isinstance(libraries, dict) or not all(isinstance(d, dict) for d in libraries.values()):
        raise SettingsError(
            f'"libraries" in {name} must be as `schedules export` writes it, or left out.'
        )
    return {
        str(version): {str(name): str(digest) for name, digest in told.items()}
        for version, told in libraries.items()
    }


def _load(text: str, name: str, key: str) -> Any:
    """One part of a backup, None where it has none; raises SettingsError where it is no YAML."""
    try:
        data = parse_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{name}{line} is not YAML: {error.problem}.") from None
    except yaml.YAMLError:
        raise SettingsError(f"{name} is not YAML: it has control characters.") from None
    return data.get(key) if isinstance(data, dict) else None


def parse_file(
    text: str, now: datetime, platforms: Collection[str], name: str = "The file"
) -> Sequence[Subscription]:
    """The subscriptions of a backup, which messages call `name`; `next_at` is left open.

    `platforms` are the names of those that there are.

    Raises:
        SettingsError: It is wrong; every fault is named with the entry it is in.
    """
    entries = _load(text, name, "schedules")
    if not isinstance(entries, list):
        raise SettingsError(f'{name} must have a list "schedules", as `schedules export` writes.')
    found: list[Subscription] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_subscription(entry, now, platforms))
        except KeyError as error:
            problems.append(f"schedule {number}: {error.args[0]} is missing.")
        except ValueError as error:
            problems.append(f"schedule {number}: {error}.")
        except (TypeError, AttributeError):  # their texts are for programmers
            problems.append(f"schedule {number}: it is not as `schedules export` writes it.")
    twice = {s.id for s in found if sum(s.id == other.id for other in found) > 1}
    problems += [f"{each}: this id stands there more than once." for each in sorted(twice)]
    if problems:
        raise SettingsError("\n".join(problems))
    return found


def _subscription(
    entry: Mapping[str, Any], now: datetime, platforms: Collection[str]
) -> Subscription:
    trigger = parse_trigger(entry["rhythm"], now)
    if not is_zone(trigger.zone):
        raise ValueError(f"zone {trigger.zone} is no IANA time zone")
    if problem_of(trigger.recurrence, trigger.recurrence.start - CLOSEST) == "often":
        raise ValueError("it runs more than every five minutes")
    given = entry.get("created_at")
    created = now.fromisoformat(str(given)) if given else now
    if created.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    if entry["platform"] not in platforms:
        raise ValueError(f"platform {entry['platform']} is none of {', '.join(platforms)}")
    return Subscription(
        id=str(entry["id"]),
        target=Target(
            str(entry["platform"]),
            str(entry["workspace"]),
            str(entry["channel"]),
            role=entry.get("role"),
            publish=bool(entry.get("publish", False)),
        ),
        content=parse_content(entry["content"]),
        trigger=trigger,
        owner=str(entry["owner"]),
        created_at=created,
        standing=SubscriptionStatus(entry.get("standing", SubscriptionStatus.ACTIVE)),
        paused_for=entry.get("paused_for"),
        last_brief=entry.get("last_brief"),
        last_library=entry.get("last_library"),
        language=language_of(entry.get("language")),
    )
