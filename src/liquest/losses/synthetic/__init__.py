"""Synthetic accounts, labelled so: made under the rules, written as exports, the truth known.

Nothing here reads an export or a ledger: its plain accounting is what they are tested against.
"""
