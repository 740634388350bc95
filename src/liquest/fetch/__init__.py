"""Public archives: listed, downloaded, checked against what the venue publishes, sealed.

commands ─► session                            the command line
   ▼
binance, bybit, okx, candles, event            what to take: a Plan of Wanted files
   │  └ listing, index, sizing, names, dates   what an archive has, and what its names mean
   ▼
engine ─► gather ─► transfer ─► download       the bytes: resumed, verified, whole
   │                   └ checksum   └ web ─► pacing
   ▼
sealing                                        where they land: a vault, or a plain folder
   ▲
recheck ─► rows ─► tables                      the same files a second time, row by row
   └ revision                                  what changed, as findings
"""
