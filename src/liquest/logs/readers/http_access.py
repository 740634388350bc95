"""Access logs of a proxy or gateway between a bot and the venue: one request and its answer.

    10.0.0.1 - - [10/Oct/2025:20:56:22 +0000] "POST /fapi/v1/order?symbol=… HTTP/1.1" 503 145
    "-" "python-requests/2.31" 0.123

The common and the combined format, with the seconds that the request took at the end or not.
"""

from __future__ import annotations

from ..layout import Layout

_HEAD = '{skip} {skip} {skip} [{time}] "{skip}" {status} {skip}'
_PATTERNS = (
    f'{_HEAD} "{{skip}}" "{{skip}}" {{latency_s}}',
    f'{_HEAD} "{{skip}}" "{{skip}}" {{message}}',
    f"{_HEAD} {{latency_s}}",
    _HEAD,
    '{interface} [{time}] "{skip}" {status} {skip} {latency_s}',
)
LAYOUTS = tuple(Layout("http-access", p) for p in _PATTERNS)
