"""Exit code 0 where the vulnerability service answers; else 1, and the reason is printed.

https://google.github.io/osv.dev/post-v1-query/
"""

from __future__ import annotations

import sys
import urllib.request

SERVICE = "https://api.osv.dev/v1/query"
QUESTION = b'{"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "1.0"}'

try:
    with urllib.request.urlopen(SERVICE, QUESTION, timeout=10) as reply:
        reply.read()
except (OSError, ValueError) as error:
    sys.exit(f"audit skipped: {SERVICE} does not answer ({error})")
