"""Losses: from an account's own exports to what each scheme pays.

    exports ─► ledger ─► equity, liquidation, rescue ─► attribution ─► statement ─► schemes

Money is exact from end to end; what does not close is shown as a difference, never absorbed.
"""
