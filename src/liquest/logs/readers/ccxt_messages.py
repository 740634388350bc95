"""What ccxt, an exchange library, writes into the lines of whatever program uses it.

    ccxt.base.errors.ExchangeNotAvailable: binance {"code":-1008,"msg":"…"}
    ccxt.base.errors.RequestTimeout: binance POST https://fapi.binance.com/fapi/v1/order

The names of its errors say the class where no code does; a code always speaks first.
"""

from __future__ import annotations

WORDS = (
    ("outcome.refused", "ccxt.base.errors.*"),
    ("class.overload", "exchangenotavailable"),
    ("class.rate-limit", "accountsuspended"),
    ("class.authentication", "accountnotenabled"),
    ("class.validation", "argumentsrequired"),
    ("class.validation", "duplicateorderid"),
    ("class.validation", "orderimmediatelyfillable"),
    ("class.validation", "ordernotfillable"),
    ("class.validation", "contractunavailable"),
    ("class.validation", "notsupported"),
    ("class.unknown-execution", "badresponse"),
    ("class.unknown-execution", "nullresponse"),
    ("class.network", "invalidproxysettings"),
    ("outcome.sent", "fetch request:"),
    ("action.order", "createmarketorder"),
    ("action.order", "createlimitorder"),
    ("action.order", "create_market_order"),
    ("action.order", "create_limit_order"),
    ("action.order", "create_market_sell_order"),
    ("action.order", "create_market_buy_order"),
)
