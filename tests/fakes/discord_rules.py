"""What Discord takes and what it refuses, written from its documentation, not from our limits.

Addresses stand under https://docs.discord.com/developers. Each check returns None or the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MESSAGE_KEYS = {
    "content",
    "nonce",
    "enforce_nonce",
    "tts",
    "embeds",
    "allowed_mentions",
    "message_reference",
    "components",
    "flags",
    "attachments",
    "sticker_ids",
    "poll",
}
V2 = 1 << 15
NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = {"zh-CN", "zh-TW", "es-ES", "es-419", "de", "ja", "en-US", "en-GB", "fr", "pt-BR"}
CHILDREN = {1: {2, 3}, 9: {10}, 17: {1, 9, 10, 12, 13, 14}}
TOP = {1, 9, 10, 12, 13, 14, 17}
KEYS = {
    1: {"components"},
    2: {"style", "label", "custom_id", "disabled", "emoji"},
    3: {"custom_id", "placeholder", "options", "min_values", "max_values", "disabled", "required"},
    10: {"content"},
    14: {"divider", "spacing"},
    17: {"components", "accent_color", "spoiler"},
}


class ServerFault(Exception):
    """A payload that makes Discord answer 500: discord-api-docs, issue 8554."""


def message_fault(body: Mapping[str, Any]) -> str | None:
    """/resources/message#create-message."""
    unknown = body.keys() - MESSAGE_KEYS
    if unknown:
        return f"unknown keys {unknown}"
    nonce = body.get("nonce")
    if nonce is not None and not 0 < len(str(nonce)) <= 25:
        return "nonce: at most 25"
    content = body.get("content") or ""
    if len(content) > 2000:
        return "content: at most 2000"
    if not body.get("flags", 0) & V2:
        return legacy_fault(body, content)
    if content or body.get("embeds") or body.get("poll"):
        return "content beside components"
    return components_fault(body.get("components") or [])


def legacy_fault(body: Mapping[str, Any], content: str) -> str | None:
    """/components/reference#legacy-message-component-behavior."""
    rows = body.get("components") or []
    if any(row["type"] != 1 for row in rows) or len(rows) > 5:
        return "only five action rows without Components V2"
    if rows and (fault := components_fault(rows)):
        return fault
    return None if content.strip() or body.get("embeds") else "empty message (50006)"


def components_fault(top: list[Mapping[str, Any]]) -> str | None:
    """/components/reference."""
    if not top:
        return "empty message (50006)"
    every = list(walk(top))
    ids = [c["custom_id"] for c in every if "custom_id" in c]
    texts = [c["content"] for c in every if c["type"] == 10]
    if len(every) > 40:
        return f"{len(every)} components"
    if len(ids) != len(set(ids)):
        return "custom_id twice"
    if sum(len(text.encode("utf-16-le")) // 2 for text in texts) > 4000:
        return "text: at most 4000"
    if sum(len(text.encode()) + 12 for text in texts) > 10170:
        raise ServerFault
    faults = [None if c["type"] in TOP else f"{c['type']} at the top" for c in top]
    faults += [component_fault(c) for c in every]
    return next(filter(None, faults), None)


def walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def component_fault(component: Mapping[str, Any]) -> str | None:
    kind = component["type"]
    allowed = KEYS.get(kind)
    if allowed is None:
        return f"unknown type {kind}"
    unknown = {k for k in component if component[k] is not None} - allowed - {"type", "id"}
    if unknown:
        return f"{kind}: unknown keys {unknown}"
    inner = component.get("components")
    if inner is not None and (not inner or any(c["type"] not in CHILDREN[kind] for c in inner)):
        return f"{kind}: children"
    check = {1: _row_fault, 2: _button_fault, 3: _select_fault, 10: _text_fault}.get(kind)
    return check(component) if check else None


def _row_fault(row: Mapping[str, Any]) -> str | None:
    kinds = [c["type"] for c in row["components"]]
    if kinds == [3] or (set(kinds) == {2} and len(kinds) <= 5):
        return None
    return "row: five buttons or one menu"


def _button_fault(button: Mapping[str, Any]) -> str | None:
    if button["style"] not in {1, 2, 3, 4}:
        return "button: style"
    if not 1 <= len(button.get("custom_id", "")) <= 100:
        return "button: custom_id"
    label = button.get("label") or ""
    if not label.strip() and not button.get("emoji"):
        return "button: a label or an emoji"
    return None if len(label) <= 80 else "button: label at most 80"


def _select_fault(select: Mapping[str, Any]) -> str | None:
    options = select["options"]
    if not 1 <= len(options) <= 25 or len({o["value"] for o in options}) != len(options):
        return "select: 1-25 options with different values"
    if not 1 <= len(select.get("custom_id", "")) <= 100 or len(select["placeholder"]) > 150:
        return "select: custom_id, placeholder"
    for option in options:
        if not all(1 <= len(option[key].strip()) <= 100 for key in ("label", "value")):
            return "option: label and value 1-100"
        if len(option.get("description") or "") > 100:
            return "option: description at most 100"
    return None


def _text_fault(text: Mapping[str, Any]) -> str | None:
    return None if 1 <= len(text["content"].strip()) <= 4000 else "text: 1-4000"


def form_fault(form: Mapping[str, Any]) -> str | None:
    """/interactions/receiving-and-responding#interaction-response-object-modal."""
    labels = form["components"]
    fields = [label.get("component") or {} for label in labels]
    checks = {
        "keys of a form": form.keys() == {"custom_id", "title", "components"},
        "title: 1-45": 1 <= len(form["title"].strip()) <= 45,
        "custom_id of a form: 1-100": 1 <= len(form["custom_id"]) <= 100,
        "a form has 1-5 fields": 1 <= len(labels) <= 5,
        "labels": all(label["type"] == 18 for label in labels),
        "label: 1-45": all(1 <= len(label["label"].strip()) <= 45 for label in labels),
        "text inputs": all(f.get("type") == 4 and f["style"] in {1, 2} for f in fields),
        "no label in a field that has one": not any(f.get("label") for f in fields),
        "custom_id of a field twice": len({f["custom_id"] for f in fields}) == len(fields),
        "placeholder: at most 100": all(len(f.get("placeholder") or "") <= 100 for f in fields),
        "max_length: 1-4000": all(1 <= f.get("max_length", 1) <= 4000 for f in fields),
    }
    return next((fault for fault, holds in checks.items() if not holds), None)


def choices_fault(choices: Sequence[Mapping[str, Any]]) -> str | None:
    """/interactions/application-commands: option choice structure."""
    if len(choices) > 25:
        return "choices: at most 25"
    bad = [c for c in choices if not all(1 <= len(str(c[k])) <= 100 for k in ("name", "value"))]
    return f"choice {bad[0]}" if bad else None


def commands_fault(commands: list[Mapping[str, Any]]) -> str | None:
    """/interactions/application-commands#application-command-object."""
    names = [(c.get("type", 1), c["name"]) for c in commands]
    if len(names) != len(set(names)):
        return "name twice"
    faults = (command_fault(command) for command in commands)
    return next(filter(None, faults), None)


def command_fault(command: Mapping[str, Any]) -> str | None:
    slash = command.get("type", 1) == 1
    names = [command["name"], *(command.get("name_localizations") or {}).values()]
    if any(not 1 <= len(n) <= 32 or (slash and not _is_name(n)) for n in names):
        return f"{command['name']}: names"
    described = [command.get("description", ""), *_values(command, "description_localizations")]
    if slash and any(not 1 <= len(text) <= 100 for text in described):
        return f"{command['name']}: descriptions"
    used = {*(command.get("name_localizations") or {})} - LOCALES
    if used:
        return f"locales {used}"
    options = command.get("options") or []
    if len(options) > 25:
        return "options: at most 25"
    return next(filter(None, (command_fault(o | {"type": 1}) for o in options)), None)


def _values(command: Mapping[str, Any], key: str) -> list[str]:
    return list((command.get(key) or {}).values())


def _is_name(text: str) -> bool:
    return bool(NAME.fullmatch(text)) and text == text.lower()


def mention_fault(
    body: Mapping[str, Any], mentionable: frozenset[str] = frozenset()
) -> str | None:
    """Ours, stricter than Discord: every message must forbid every mention but of these roles."""
    allowed = body.get("allowed_mentions")
    if not allowed or allowed.get("parse") or allowed.get("users"):
        return f"allowed_mentions {allowed}"
    if not set(map(str, allowed.get("roles") or ())) <= mentionable:
        return f"allowed_mentions {allowed}"
    return "pings the author" if allowed.get("replied_user") else None
