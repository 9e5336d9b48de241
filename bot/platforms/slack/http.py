"""Slack over HTTP: nothing parses a body before its size, signature and form are checked."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


MAX_BODY_BYTES = 1_000_000
"""Far above what Slack sends; a message with 50 full blocks is about 160 kB."""
MAX_AGE_S = 300
"""https://docs.slack.dev/authentication/verifying-requests-from-slack"""


_SSL_CHECK = re.compile(rb"(?:[^=&]+=[^&]*&)*ssl_check=1(?:&[^=&]+=[^&]*)*")
_SSL_CHECK_BYTES = 500


class Rejected(Exception):
    """A request that is not passed on, and the HTTP status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_body(request: web.Request) -> bytes:
    """The body, at most `MAX_BODY_BYTES`.

    Raises:
        Rejected: It is larger.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise Rejected(413, "too large")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Rejected(413, "too large")
    return bytes(body)


class SignatureVerifier:
    """Checks signatures: "v0:timestamp:body" by HMAC-SHA256, at most five minutes old."""

    def __init__(self, signing_secret: str, clock: Callable[[], datetime]) -> None:
        self._secret = signing_secret.encode()
        self._clock = clock

    def check(self, body: bytes, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """What a body says, once it is known to be Slack's and well-formed.

        Raises:
            Rejected: 401 for a bad or old signature, 400 for a malformed body.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        self._check_signature(
            body,
            lower.get("x-slack-request-timestamp", ""),
            lower.get("x-slack-signature", ""),
        )
        kind = lower.get("content-type", "").partition(";")[0].strip().lower()
        return check_form(body, kind)

    def _check_signature(self, body: bytes, timestamp: str, signature: str) -> None:
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):  # noqa: PLR2004
            raise Rejected(401, "no valid timestamp")
        if abs(self._clock().timestamp() - int(timestamp)) > MAX_AGE_S:
            raise Rejected(401, "too old")
        # Over the bytes: the SDK's verifier decodes them first, and fails on what is no text.
        signed = b":".join((b"v0", timestamp.encode(), body))
        expected = f"v0={hmac.new(self._secret, signed, hashlib.sha256).hexdigest()}"
        if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
            raise Rejected(401, "bad signature")


def check_form(body: bytes, content_type: str) -> Mapping[str, Any]:
    """What a body says, if it is the JSON object or the form that Slack sends.

    Raises:
        Rejected: 400: it is neither.
    """
    try:
        text = body.decode("utf-8")
        if content_type == "application/json":
            parsed = json.loads(text)
        elif content_type == "application/x-www-form-urlencoded":
            fields = parse_qsl(text, max_num_fields=1000)
            form = dict(reversed(fields))
            parsed = json.loads(form["payload"]) if "payload" in form else form
        else:
            raise Rejected(400, "unexpected content type")
    except (ValueError, RecursionError):
        raise Rejected(400, "malformed body") from None
    if not isinstance(parsed, dict) or not parsed:
        raise Rejected(400, "not an object")
    if not _is_shaped(parsed):
        raise Rejected(400, "not an event")
    return parsed


def _is_shaped(body: Mapping[str, Any]) -> bool:
    """Whether what it says to be has the parts that Bolt reads without looking."""
    match body:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "actions": [*actions]}:
            return bool(actions) and all(isinstance(action, dict) for action in actions)
        case {"type": "event_callback" | "block_actions"}:
            return False
    return True


def is_ssl_check(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack only looks at the certificate, which it does without a signature.

    Nobody learns or causes anything by the empty answer to it.
    https://docs.slack.dev/interactivity/implementing-slash-commands#validating-the-command
    """
    signed = any(name.lower() == "x-slack-signature" for name in headers)
    return not signed and len(body) <= _SSL_CHECK_BYTES and bool(_SSL_CHECK.fullmatch(body))


def retry_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Those that tell that Slack sends something again."""
    return {k: v for k, v in headers.items() if k.lower().startswith("x-slack-retry")}


def page_request(request: web.Request) -> AsyncBoltRequest:
    """A visit to a page of the installation, as Bolt takes it."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name, []).append(value)
    return AsyncBoltRequest(body="", query=request.query_string, headers=headers)  # type: ignore[arg-type] # str or list
