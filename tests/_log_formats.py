"""One line of more than fifty formats of log, each with what it is and when it was."""

from __future__ import annotations

from liquest.clock import parse_time

T = parse_time("2025-10-10T20:56:22.438Z")
WHOLE = T - 438_000
MESSAGE = 'order failed symbol=ATOMUSDT side=SELL {"code":-1008}'
QUOTED = MESSAGE.replace('"', '\\"')

FORMATS: dict[str, tuple[str, str, int]] = {
    "logging": (
        "python-logging",
        f"2025-10-10 20:56:22,438 - bot.execution - ERROR - {MESSAGE}",
        T,
    ),
    "logging without name": ("python-logging", f"2025-10-10 20:56:22,438 - ERROR - {MESSAGE}", T),
    "level before name": (
        "python-logging",
        f"2025-10-10 20:56:22,438 - ERROR - bot - {MESSAGE}",
        T,
    ),
    "name with colon": ("python-logging", f"2025-10-10 20:56:22,438 ERROR bot.x: {MESSAGE}", T),
    "level with colon": ("python-logging", f"2025-10-10 20:56:22,438 ERROR: {MESSAGE}", T),
    "dash and colon": ("python-logging", f"2025-10-10 20:56:22,438 - bot - ERROR: {MESSAGE}", T),
    "colons": ("python-logging", f"2025-10-10 20:56:22,438:ERROR:bot:{MESSAGE}", T),
    "loguru": (
        "python-logging",
        f"2025-10-10 20:56:22.438 | ERROR    | bot:place:41 - {MESSAGE}",
        T,
    ),
    "bars": ("python-logging", f"2025-10-10 20:56:22.438 | ERROR | {MESSAGE}", T),
    "bars with name": ("python-logging", f"2025-10-10 20:56:22.438 | bot | ERROR | {MESSAGE}", T),
    "Flask": ("python-logging", f"[2025-10-10 20:56:22,438] ERROR in app: {MESSAGE}", T),
    "Celery": ("python-logging", f"[2025-10-10 20:56:22,438: ERROR/ForkPool-1] {MESSAGE}", T),
    "Django": ("python-logging", f"ERROR 2025-10-10 20:56:22,438 views {MESSAGE}", T),
    "tornado": ("python-logging", f"[ERROR 2025-10-10 20:56:22,438 web:42] {MESSAGE}", T),
    "freqtrade": (
        "freqtrade",
        f"2025-10-10 20:56:22,438 - freqtrade.exchange - ERROR - {MESSAGE}",
        T,
    ),
    "Logback": ("bracketed", f"2025-10-10 20:56:22.438 [main] ERROR c.b.Orders - {MESSAGE}", T),
    "Log4j": ("bracketed", f"2025-10-10 20:56:22,438 ERROR [main] {MESSAGE}", T),
    "Spring": ("bracketed", f"2025-10-10 20:56:22.438 ERROR 12 --- [main] c.b.X : {MESSAGE}", T),
    "zap": ("bracketed", f"2025-10-10T20:56:22.438Z\terror\torders/place.go:41\t{MESSAGE}", T),
    "Go bot": ("bracketed", f"2025/10/10 20:56:22.438 ERROR biz/odmgr.go:1486 {MESSAGE}", T),
    "brackets": ("bracketed", f"[2025-10-10 20:56:22.438] [ERROR] {MESSAGE}", T),
    "tight brackets": ("bracketed", f"[2025-10-10 20:56:22.438][ERROR] {MESSAGE}", T),
    "level last bracket": ("bracketed", f"2025-10-10 20:56:22.438 [error] {MESSAGE}", T),
    "winston": ("bracketed", f"2025-10-10 20:56:22.438 [error]: {MESSAGE}", T),
    "level first": ("bracketed", f"[ERROR] [2025-10-10 20:56:22.438] {MESSAGE}", T),
    "level and brackets": ("bracketed", f"ERROR [2025-10-10 20:56:22.438] {MESSAGE}", T),
    "monolog": ("bracketed", f"[2025-10-10T20:56:22.438+00:00] bot.ERROR: {MESSAGE}", T),
    "pm2": ("bracketed", f"2025-10-10T20:56:22.438Z error {MESSAGE}", T),
    "round brackets": ("bracketed", f"2025-10-10 20:56:22.438 (ERROR) {MESSAGE}", T),
    "serilog": ("bracketed", f"[2025-10-10 20:56:22.438 +00:00] ERROR {MESSAGE}", T),
    "Chinese brackets": ("bracketed", f"【2025-10-10 20:56:22.438】【ERROR】{MESSAGE}", T),
    "bars around": ("bracketed", f"ERROR | 2025-10-10 20:56:22.438 | {MESSAGE}", T),
    "plain": ("plain-times", f"2025-10-10 20:56:22.438 {MESSAGE}", T),
    "plain in brackets": ("plain-times", f"[2025-10-10 20:56:22.438] {MESSAGE}", T),
    "plain with dash": ("plain-times", f"2025-10-10 20:56:22.438 - {MESSAGE}", T),
    "plain with colon": ("plain-times", f"2025-10-10T20:56:22.438Z: {MESSAGE}", T),
    "docker": ("plain-times", f"2025-10-10T20:56:22.438000123Z {MESSAGE}", T),
    "epoch ms": ("plain-times", f"1760129782438 {MESSAGE}", T),
    "epoch s": ("plain-times", f"1760129782.438 {MESSAGE}", T),
    "epoch ns": ("plain-times", f"1760129782438000000 {MESSAGE}", T),
    "round times": ("plain-times", f"(2025-10-10 20:56:22.438) {MESSAGE}", T),
    "half past": ("plain-times", f"2025/10/10 8:56:22 PM {MESSAGE}", WHOLE),
    "logfmt": ("key-values", f'time=2025-10-10T20:56:22.438Z level=error msg="{QUOTED}"', T),
    "logfmt ts": ("key-values", f'ts=2025-10-10T20:56:22.438Z level=error msg="{QUOTED}"', T),
    "logrus": ("key-values", f'time="2025-10-10T20:56:22.438Z" level=error msg="{QUOTED}"', T),
    "key somewhere": ("key-values", f"order=1 ts=1760129782438 {MESSAGE}", T),
    "Python dict": ("key-values", f"event: 'timestamp': 1760129782438, {MESSAGE}", T),
    "pino": ("json-lines", f'{{"level":50,"time":1760129782438,"msg":"{QUOTED}"}}', T),
    "JSON": ("json-lines", f'{{"ts":"2025-10-10T20:56:22.438Z","lvl":"error","m":"{QUOTED}"}}', T),
    "Docker JSON": (
        "json-lines",
        f'{{"log":"{QUOTED}\\n","time":"2025-10-10T20:56:22.438000Z"}}',
        T,
    ),
    "nested JSON": ("json-lines", f'{{"r":{{"time":1}},"time":1760129782438,"msg":"{QUOTED}"}}', T),
    "access": (
        "http-access",
        '10.0.0.1 - - [10/Oct/2025:20:56:22 +0000] "POST /fapi/v1/order?symbol=ATOMUSDT&side=SELL '
        'HTTP/1.1" 503 145 "-" "bot" 0.123', WHOLE,
    ),
    "short access": (
        "http-access",
        '1.2.3.4 - bob [10/Oct/2025:20:56:22 +0000] "POST /fapi/v1/order?symbol=ATOMUSDT&side=SELL '
        'HTTP/1.1" 503 145', WHOLE,
    ),
    "syslog": ("syslog", f"Oct 10 20:56:22 host bot[123]: ERROR {MESSAGE}", WHOLE),
    "syslog 5424": ("syslog", f"<165>1 2025-10-10T20:56:22.438Z host bot 1 - - {MESSAGE}", T),
    "journald": ("syslog", f"2025-10-10T20:56:22.438+0000 host bot[123]: {MESSAGE}", T),
}  # fmt: skip
"""name → (format, line in UTC, µs): order entry refused with -1008, ATOMUSDT, to sell."""
