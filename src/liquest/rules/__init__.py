"""Rules of exchanges: pure functions with dated parameters, used by replay, market and losses."""
