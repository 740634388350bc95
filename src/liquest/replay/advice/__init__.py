"""How to hold an exposure: margin, leverage, mode, stop and share on the exchange, weighed over
the recorded event and over paths drawn from it, and whether common advice holds."""
