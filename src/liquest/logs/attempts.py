"""Attempts: one order-entry request with its answer, or with the lack of one.

Events of one source are put together by these rules, in this order:

1. A request that names its client order id is answered by the next line with that id. Once
   refused it may be sent again under the same id, and that is another attempt; requests with
   no answer in between are one, and so is all that is said of an order after it was taken.
2. A request without one is answered by the next line of the same client, when that line is
   an answer, names no other symbol and comes within the horizon.
3. A request that nothing answers within the horizon is unanswered; how long the client is
   known to have waited stands as its latency, censored.
4. An answer that no request stands before is an attempt of its own: many programs log only
   what came back. Of several with one id the first counts, and after it each that comes a
   round trip later, until one took the order; a fill alone is none.

A line that gives the latency itself is believed; the request then began that much earlier.
"""

from __future__ import annotations

from ..clock import SECOND
from .schema import ACCEPTED, CANCEL, ENTRY, FILLED, REFUSED, SENT, UNANSWERED, UNKNOWN_EXECUTION

HORIZON = 60 * SECOND
"""No client waits longer for an answer to an order."""
ROUND_TRIP = 10_000
"""Lines about one order that are nearer in time (µs) are one answer, written twice."""

_ENTRY = ", ".join(f"'{a}'" for a in ENTRY)
_ANSWERS = f"'{ACCEPTED}', '{REFUSED}', '{UNANSWERED}'"

_GAVE_UP = f"coalesce(a.kind = '{UNANSWERED}' OR a.status IN (408, 504), false)"
"""The wait ended without an answer of the venue: the client gave up, or a gateway did."""

ATTEMPTS_SQL = f"""
WITH events AS (
    SELECT *, coalesce(client_ref, order_ref) AS ref,
           coalesce(action = '{CANCEL}', false) AS cancels
    FROM {{events}}
    WHERE (kind IN ('{SENT}', {_ANSWERS}) AND (action IN ({_ENTRY}) OR action IS NULL))
       OR (kind = '{FILLED}' AND client_ref IS NOT NULL)),
-- 1. by the client's own id: how many answers, and how many that took it, came before
told AS (
    SELECT *, count(*) FILTER (kind <> '{SENT}') OVER before AS turn,
           count(*) FILTER (kind IN ('{ACCEPTED}', '{FILLED}')) OVER before AS taken,
           lag(ts) OVER (PARTITION BY client, client_ref, cancels ORDER BY row_no) AS earlier
    FROM events WHERE client_ref IS NOT NULL
    WINDOW before AS (PARTITION BY client, client_ref, cancels ORDER BY row_no
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
named AS (
    SELECT client, client_ref, cancels, turn, min(ts) AS ts, min(row_no) AS row_no,
           arg_min(action, row_no) AS action, arg_min(symbol, row_no) AS symbol,
           arg_min(side, row_no) AS side, arg_min(price, row_no) AS price,
           arg_min(quantity, row_no) AS quantity, arg_min(interface, row_no) AS interface,
           arg_min(venue, row_no) AS venue, arg_min(market, row_no) AS market
    FROM told WHERE kind = '{SENT}' AND taken = 0
    GROUP BY client, client_ref, cancels, turn),
first_answers AS (
    SELECT n.row_no, a.row_no AS row_answer
    FROM named n JOIN told a USING (client, client_ref, cancels, turn)
    WHERE a.kind <> '{SENT}' AND a.ts >= n.ts AND a.ts <= n.ts + {HORIZON}),
-- 2. by what comes next
others AS (
    SELECT * FROM events
    WHERE kind <> '{FILLED}'
      AND (client_ref IS NULL
           OR (kind <> '{SENT}'
               AND (client, client_ref) NOT IN (SELECT (client, client_ref) FROM named)))),
following AS (
    SELECT *, lead(kind) OVER next AS next_kind, lead(ts) OVER next AS next_ts,
           lead(row_no) OVER next AS next_row, lead(symbol) OVER next AS next_symbol
    FROM others WINDOW next AS (PARTITION BY client ORDER BY row_no)),
followed AS (
    SELECT row_no, next_row AS row_answer FROM following
    WHERE kind = '{SENT}' AND next_kind IN ({_ANSWERS}) AND next_ts >= ts
      AND next_ts <= ts + {HORIZON}
      AND (symbol IS NULL OR next_symbol IS NULL OR symbol = next_symbol)),
pairs AS (SELECT * FROM first_answers UNION ALL SELECT * FROM followed),
requests AS (
    SELECT row_no, ts, client, client_ref AS ref, action, symbol, side, price, quantity,
           interface, venue, market FROM named
    UNION ALL
    SELECT row_no, ts, client, ref, action, symbol, side, price, quantity, interface, venue,
           market FROM others WHERE kind = '{SENT}'),
-- 3. without an answer: only what was followed by no other request before the horizon
alone AS (
    SELECT r.* FROM requests r LEFT JOIN following f USING (row_no)
    WHERE r.row_no NOT IN (SELECT row_no FROM pairs)
      AND (f.row_no IS NULL OR f.next_ts IS NULL OR f.next_ts > f.ts + {HORIZON})),
-- 4. answers alone
unasked AS (
    SELECT * FROM others
    WHERE client_ref IS NULL AND kind IN ({_ANSWERS})
    QUALIFY ref IS NULL
         OR row_number() OVER (PARTITION BY client, ref, cancels ORDER BY row_no) = 1
    UNION ALL
    SELECT * EXCLUDE (turn, taken, earlier) FROM told a
    WHERE kind IN ({_ANSWERS}) AND taken = 0 AND (turn = 0 OR ts - earlier >= {ROUND_TRIP})
      AND NOT EXISTS (SELECT 1 FROM named n WHERE n.client = a.client AND n.turn = a.turn
                      AND n.client_ref = a.client_ref AND n.cancels = a.cancels))
SELECT r.ts, a.ts AS answered_ts, r.row_no, a.row_no AS row_answer,
       coalesce(a.venue, r.venue) AS venue, coalesce(r.market, a.market) AS market, r.client,
       coalesce(r.interface, a.interface) AS interface, coalesce(r.action, a.action) AS action,
       CASE a.kind WHEN '{FILLED}' THEN '{ACCEPTED}' ELSE a.kind END AS outcome, a.class, a.code,
       a.status, coalesce(r.symbol, a.symbol) AS symbol, coalesce(r.side, a.side) AS side,
       coalesce(r.price, a.price) AS price, coalesce(r.quantity, a.quantity) AS quantity,
       coalesce(a.latency, a.ts - r.ts) AS latency, {_GAVE_UP} AS censored, r.ref
FROM pairs p JOIN requests r USING (row_no) JOIN events a ON a.row_no = p.row_answer
UNION ALL
SELECT r.ts, NULL, r.row_no, NULL, r.venue, r.market, r.client, r.interface, r.action,
       '{UNANSWERED}', '{UNKNOWN_EXECUTION}', NULL, NULL, r.symbol, r.side, r.price, r.quantity,
       least({HORIZON}, {{last}} - r.ts), true, r.ref
FROM alone r
UNION ALL
SELECT a.ts - coalesce(a.latency, 0), a.ts, a.row_no, a.row_no, a.venue, a.market, a.client,
       a.interface, a.action, a.kind, a.class, a.code, a.status, a.symbol, a.side, a.price,
       a.quantity, a.latency, {_GAVE_UP}, a.ref
FROM unasked a
WHERE a.row_no NOT IN (SELECT row_answer FROM pairs)
  AND (a.action IS NOT NULL OR a.code IS NOT NULL OR a.class IS NOT NULL)
ORDER BY 1, 3
"""
"""SQL from the events of one source, in words, to its attempts; `last` is the time of the last
event. Censored attempts without a latency say nothing of how long the client waited."""
