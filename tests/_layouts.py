"""One small file of every layout that a reader takes, and files that none may take."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """A file by name and content, and the format that it is."""

    format: str
    name: str
    content: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of its lines."""
        return [line.split(",") for line in self.content.splitlines()]


KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
LAYOUTS = (
    Layout(
        "binance-trades", "data/spot/daily/trades/ATOMUSDT/ATOMUSDT-trades-2025-10-10.zip",
        "254107861,1.68800000,78.85000000,133.09880000,1760131237689043,False,True\n"
        "254107862,1.67300000,152.42000000,254.99866000,1760131237689043,True,True\n",
    ),
    Layout(
        "binance-trades", "ATOMUSDT-trades-2024-12-31.csv",
        "254107861,1.688,78.85,133.0988,1735603200123,true,true\n",
    ),
    Layout(
        "binance-trades", "BTCUSDT-trades-2025-10-10.zip",
        "id,price,qty,quote_qty,time,is_buyer_maker\n"
        "6778904321,113600.1,0.002,227.2002,1760131237689,true\n"
        "6778904322,113600.2,1.5,170400.3,1760131237690,false\n",
    ),
    Layout(
        "binance-trades", "BTCUSDT-trades-2020-03-12.csv.gz",
        "45678,7211.94,0.5,3605.97,1584009000123,false\n",
    ),
    Layout(
        "binance-trades", "ATOMUSD_PERP-trades-2025-10-10.zip",
        "id,price,qty,base_qty,time,is_buyer_maker\n"
        "18000001,2.5,40,160,1760131237689,true\n",
    ),
    Layout(
        "binance-agg-trades",
        "data/spot/daily/aggTrades/ATOMUSDT/ATOMUSDT-aggTrades-2025-10-10.zip",
        "176299337,1.68800000,78.85000000,254107861,254107861,1760131237689043,True,True\n"
        "176299338,0.00100000,2531.17800000,254107862,254107864,1760131237689043,True,True\n",
    ),
    Layout(
        "binance-agg-trades", "BTCUSDT-aggTrades-2025-10-10.zip",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
        "2900000001,113600.1,0.002,6778904321,6778904325,1760131237689,true\n",
    ),
    Layout(
        "binance-agg-trades", "BTCUSDT-aggTrades-2020-03-12.csv",
        "2900001,7211.94,0.5,45678,45679,1584009000123,false\n",
    ),
    Layout(
        "binance-agg-trades", "binance_spot_ATOMUSDT_aggTrades_0.001-sweep.csv",
        "aggregate_trade_id,price,quantity_atom,first_trade_id,last_trade_id,time_utc,"
        "buyer_is_maker\n"
        "176299407,0.001,47.52,254107952,254107952,2025-10-10T21:20:37.689043Z,True\n",
    ),
    Layout(
        "binance-klines", "data/spot/daily/klines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.zip",
        "1760131200000000,1.8,1.9,0.001,1.5,9695.33,1760131259999999,14000.5,92,0,0,0\n",
    ),
    Layout(
        "binance-klines", "BTCUSDT-um-1m-2025-10-10.csv",
        KLINES + "1760129820000,114319.10,114573.20,113954.40,114512.20,2913.552,1760129879999,"
        "333123926.60210,46160,1462.820,167255955.67130,0\n",
    ),
    Layout(
        "binance-klines",
        "data/futures/cm/daily/klines/BTCUSD_PERP/1m/BTCUSD_PERP-1m-2025-10-10.zip",
        KLINES + "1760129820000,114319.1,114573.2,113954.4,114512.2,33310,1760129879999,"
        "29.13552,4616,14628,14.6282,0\n",
    ),
    Layout(
        "binance-mark-price-klines", "mark/BTCUSD_PERP-1m-2025-10-10.zip",
        KLINES + "1760054400000,121662,121737.53736410,121662,121689.00965205,0,1760054459999,0,60,"
        "0,0,0\n",
    ),
    Layout(
        "binance-index-price-klines",
        "data/futures/cm/daily/indexPriceKlines/BTCUSD/1m/BTCUSD-1m-2025-10-10.zip",
        KLINES + "1760054400000,121662,121737.5,121662,121689.1,0,1760054459999,0,60,0,0,0\n",
    ),
    Layout(
        "binance-premium-index-klines",
        "data/futures/um/daily/premiumIndexKlines/BTCUSDT/1m/BTCUSDT-1m-2025-10-10.zip",
        KLINES + "1760054400000,-0.00045,0.0001,-0.0005,0.0000,0,1760054459999,0,12,0,0,0\n",
    ),
    Layout(
        "binance-book-depth", "BTCUSDT-bookDepth-2025-10-10.zip",
        "timestamp,percentage,depth,notional\n"
        "2025-10-10 21:20:07,-5,8243.012,979983314.2056\n"
        "2025-10-10 21:20:07,-0.20,17.65,2142055.95\n",
    ),
    Layout(
        "binance-book-ticker", "BTCUSDT-bookTicker-2025-10-10.zip",
        "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
        "event_time\n"
        "8881234,113600.0,0.002,113600.1,11.5,1760131237689,1760131237694\n",
    ),
    Layout(
        "binance-metrics", "BTCUSDT-metrics-2025-10-10.zip",
        "create_time,symbol,sum_open_interest,sum_open_interest_value,"
        "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
        "sum_taker_long_short_vol_ratio\n"
        "2025-10-10 21:20:00,BTCUSDT,93218.0410000000000000,11345678901.2345600000000000,"
        "1.74321000,1.65432100,1.98765400,0.45612300\n",
    ),
    Layout(
        "binance-funding-rate", "BTCUSDT-fundingRate-2025-10.zip",
        "calc_time,funding_interval_hours,last_funding_rate\n1760112000001,8,-0.00012345\n",
    ),
    Layout(
        "binance-liquidation-snapshot", "BTCUSD_PERP-liquidationSnapshot-2024-10-01.zip",
        "time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,"
        "last_fill_quantity,accumulated_fill_quantity\n"
        "1727740869082,BUY,LIMIT,IOC,7,63661.4,63425.1,FILLED,6,7\n",
    ),
    Layout(
        "bybit-trades", "trading/BTCUSDT/BTCUSDT2025-10-10.csv.gz",
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,"
        "foreignNotional\n"
        "1760131237.6890,BTCUSDT,Sell,0.002,113600.10,MinusTick,"
        "224061a0-e105-508c-9696-b53ab4b5bb03,2.272002e+10,0.002,227.2002\n",
    ),
    Layout(
        "bybit-spot-trades", "spot/ATOMUSDT/ATOMUSDT_2025-10-10.csv.gz",
        "id,timestamp,price,volume,side,rpi\n1,1760131237689,1.688,78.85,sell,0\n",
    ),
    Layout(
        "okx-trades", "BTC-USDT-SWAP-trades-2025-10-10.zip",
        "instrument_name,trade_id,side,price,size,created_time\n"
        "BTC-USDT-SWAP,1900000001,sell,113600.1,250.5,1760131237689\n",
    ),
    Layout(
        "okx-trades", "BTC-USDT-SWAP-trades-2022-06-13.zip",
        "trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n"
        "190000001,SELL,25.0,22600.1,1655078400123\n",
    ),
    Layout(
        "ccxt-candles", "kraken_ATOM-USD_1m.json",
        "[[1760131200000,3.85,3.9,2.5,2.9,1200.5],[1760131260000,2.9,3.1,2.8,3.0,800]]",
    ),
    Layout(
        "coinbase-candles", "coinbase_ATOM-USD-60s-2025-10-10.json",
        "[[1760131260,2.8,3.1,2.9,3.0,800],[1760131200,2.5,3.9,3.85,2.9,1200.5]]",
    ),
    Layout(
        "ccxt-trades", "trades.json",
        '{"exchange":"okx","trades":[{"id":"7","timestamp":1760131237689,"symbol":'
        '"BTC/USDT:USDT","order":null,"takerOrMaker":null,"side":"sell","price":113600.1,'
        '"amount":250.5,"fee":{"cost":null}}]}',
    ),
    Layout(
        "tick-trades", "coinbase_trades_2025-10-10_ATOM-USD.csv.gz",
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        "coinbase,ATOM-USD,1760054403073940,1760054403114257,60422771,buy,4.06,47.88\n",
    ),
)  # fmt: skip

FOREIGN = (
    ("README.md", "# A folder of evidence\n\nPrices, sizes and times are in the files beside.\n"),
    ("notes.txt", "id,price\n"),
    ("numbers.csv", "1,2,3\n4,5,6\n"),
    (
        "Export Transaction History.csv",
        '\ufeff"Date(UTC)","type","Amount","Asset","Symbol","Transaction ID"\n'
        '"2025-10-10 21:20:37","REALIZED_PNL","-12.5","USDT","ATOMUSDT","12345"\n',
    ),
    (
        "Export Position History.csv",
        '\ufeff"symbol","Margin Mode","Position Side","Entry Price","Avg. Close Pirce",'
        '"Max Open Interest","Closed Vol.","Closing PNL","Opened","Closed","Status"\n'
        '"ATOMUSDT","Cross","LONG","4.05","1.2","100","100","-285","2025-10-10 20:00:00",'
        '"2025-10-10 21:20:38","Closed"\n',
    ),
    (
        "BTCUSDT-trades-2025-10-10.csv",
        '\ufeff"Uid","Time(UTC)","Symbol","Side","Position Side","Price","Quantity","Amount",'
        '"Fee","Realized Profit","Buyer","Maker","Trade Id","Order Id"\n'
        '"1","2025-10-10 21:20:37","BTCUSDT","SELL","LONG","113600.1","0.002","227.2",'
        '"0.0737 USDT","0E-8","false","false","77","88"\n',
    ),
    (
        "orders.csv",
        '"Uid","Time(UTC)","Order No","Symbol","Type","Side","Position Side","Price",'
        '"Average Price","Amount","Executed Amount","Executed Quote Amount","Stop Price","Status"\n'
        '"1","2025-10-10 21:20:37","9","BTCUSDT","LIMIT","SELL","LONG","113600.1","113600.1",'
        '"0.002","0.002","227.2","0E-8","FILLED"\n',
    ),
    (
        "bot.log",
        "2025-10-10 21:12:39,211 - bot.execution - ERROR - Bot 1 | binance "
        '{"code":-2010,"msg":"Order would trigger immediately."}\n' * 3,
    ),
    ("api.jsonl", '{"time":1760131237689,"code":-1008}\n{"time":1760131237690,"code":-1008}\n'),
    ("bracketed.log", "[2025-10-10 21:12:39] ERROR overloaded\n[2025-10-10 21:12:40] ERROR\n"),
    ("config_BTC-USDT_1m.json", '{"name":"bot","limits":[1,2,3],"nested":{"a":[]}}'),
    ("kraken_ATOM-USD_1m.json", "[[1,2,3,4,5,6],[2,3,4,5,6,7]]"),
    ("kraken_ATOM-USD_1m.json", '[["a","b","c","d","e","f"]]'),
    (
        "binance_BTC-USDT_orders.json",
        '[{"id":"1","timestamp":1760131237689,"symbol":"BTC/USDT","side":"sell","price":113600,'
        '"amount":1,"filled":1,"remaining":0,"status":"closed"}]',
    ),
    (
        "binance_BTC-USDT_mytrades.json",
        '[{"id":"1","timestamp":1760131237689,"symbol":"BTC/USDT","side":"sell","price":113600,'
        '"amount":1,"order":"77","takerOrMaker":"taker"}]',
    ),
    (
        "candles.csv",
        "symbol,time,open,high,low,close,volume\n0GUSDT,2025-10-10 12:00:00,1,2,1,2,5\n",
    ),
)  # fmt: skip
"""(name, content) of what is no market data, or has no layout of its own."""
