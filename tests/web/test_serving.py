"""Without any token `aibrief serve` is the playground, and says where it is."""

from __future__ import annotations

import re
import socket
import urllib.request
from typing import TYPE_CHECKING

from bot.web.server import DEFAULT_PORT
from tests.web.serving import on_a_terminal, serving

if TYPE_CHECKING:
    from pathlib import Path


def test_a_port_that_is_taken_does_not_keep_it_from_working(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which serves as well
        with serving(tmp_path) as address:
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
            assert address != f"http://127.0.0.1:{DEFAULT_PORT}"
            with urllib.request.urlopen(f"{address}/", timeout=10) as page:
                assert "Playground" in page.read().decode()


def test_on_a_terminal_one_line_says_where_it_is(tmp_path: Path) -> None:
    told = on_a_terminal(tmp_path, "ends it)")
    assert re.search(
        r"^Playground: http://127\.0\.0\.1:\d+  \(Ctrl\+C ends it\)", told, re.MULTILINE
    )
