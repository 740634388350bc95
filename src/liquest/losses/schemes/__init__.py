"""Schemes over a register: who is eligible, what each gets, and how evenly it falls.

register (CSV, or claimants from anywhere) ─► pay ─► summary ─► findings, table, page
"""
