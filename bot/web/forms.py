"""What a browser sends in a form, read with limits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY_BYTES = 64 * 1024
"""A question may be 2000 characters; what is a little longer still gets a kind answer."""
_FORM = "application/x-www-form-urlencoded"


async def read_form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form; of a field that comes twice, the last.

    Raises:
        web.HTTPRequestEntityTooLarge: It is larger than `MAX_BODY_BYTES`.
        web.HTTPBadRequest: It is not a form in UTF-8.
    """
    if request.content_type != _FORM:
        raise web.HTTPBadRequest
    body = await _read_body(request)
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(body),
                errors="strict",
                max_num_fields=64,
            )
        )
    except ValueError:
        raise web.HTTPBadRequest from None


async def _read_body(request: web.Request) -> bytearray:
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, len(body))
    except (web.RequestPayloadError, ConnectionError):  # wrongly encoded, or cut off
        raise web.HTTPBadRequest from None
    return body


def field_of(form: Mapping[str, str], name: str) -> str:
    """A field that must be there.

    Raises:
        web.HTTPBadRequest: It is not.
    """
    if name not in form:
        raise web.HTTPBadRequest
    return form[name]
