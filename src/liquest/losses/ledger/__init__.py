"""Ledger: every balance change and every position, reconciled to the last digit.

    exports ─► positions, wallets ─► reconciliation ─► Ledger, problems

`ledger.py` has the nouns, `reconstruct.py` the one function that makes them.
"""
