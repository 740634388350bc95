"""Order entry as clients saw it: API and bot logs → typed events → attempts.

Left of the measures and right of the tape: a log may ask the tape's readers whether a file
is market data, and measures ask the log for attempts.
"""
