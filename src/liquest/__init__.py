"""Liquest: accident investigation for exchange liquidation events."""

__version__ = "0.1.0"
