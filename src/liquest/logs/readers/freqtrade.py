"""Lines of freqtrade, a trading bot.

2025-10-10 20:56:22,438 - freqtrade.exchange.common - WARNING - create_order() returned
exception: "Could not place sell order due to ExchangeNotAvailable. Message: binance {…}"
"""

from __future__ import annotations

from ..layout import Layout

LAYOUTS = (Layout("freqtrade", "{time} - freqtrade{logger} - {level} - {message}"),)
WORDS = (
    ("outcome.refused", "returned exception*"),
    ("outcome.refused", "unable to exit trade*"),
    ("outcome.refused", "unable to sell*"),
    ("outcome.refused", "unable to create trade*"),
    ("outcome.filled", "order has been filled"),
    ("action.order", "place buy order"),
    ("action.order", "place sell order"),
    ("action.order", "create limit sell order"),
    ("action.order", "create limit buy order"),
    ("action.order", "create market sell order"),
    ("action.order", "create market buy order"),
    ("action.close", "unable to exit trade*"),
    ("action.cancel", "cancel_stoploss_order"),
    ("class.network", "temporaryerror"),
)
