"""The page in a browser: charts draw, switches switch, nothing fails, nothing leaves it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import _dossier_made as made
import _report_made as told
import pytest

from liquest.dossier.page import build_page

BROWSER = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium found on this machine")

WATCH = """<script>
window.faults = [];
addEventListener('error', (e) => faults.push(String(e.message)));
addEventListener('unhandledrejection', (e) => faults.push(String(e.reason)));
addEventListener('securitypolicyviolation', (e) => faults.push('policy ' + e.blockedURI));
for (const kind of ['error', 'warn']) console[kind] = (...all) => faults.push(all.join(' '));
window.seen = (text) => [...document.querySelectorAll(text)].filter((n) => n.checkVisibility());
window.coloured = (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b, a] = data.slice(i, i + 4);
    if (a > 0 && Math.max(r, g, b) - Math.min(r, g, b) > 40) n++;
  }
  return n;
};
</script>"""
REPORT = """<script>
setTimeout(async () => {
  const result = {};
  try { await (async () => { %s })(); } catch (e) { faults.push(String(e.stack || e)); }
  result.faults = faults;
  result.requests = performance.getEntriesByType('resource').map((e) => e.name);
  result.images = document.images.length;
  result.inner = innerWidth;
  result.wide = document.scrollingElement.scrollWidth;
  document.documentElement.setAttribute('data-result', JSON.stringify(result));
}, 300);
</script>"""


def visit(
    folder: Path, page: str, script: str, *, address: str = "", width: int = 1400
) -> dict[str, Any]:
    """What `script` puts into `result` when the page is open at `address`."""
    page = page.replace("<title>", WATCH + "<title>", 1)
    cut = page.rindex("</body>")
    path = folder / "page.html"
    path.write_text(page[:cut] + REPORT % script + page[cut:], encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=8000", "--dump-dom",
            path.as_uri() + address,
        ],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found = re.search(r'data-result="([^"]*)"', done.stdout)
    assert found is not None, done.stdout[:300] + done.stderr[-2000:]
    result: dict[str, Any] = json.loads(html.unescape(found[1]))
    return result


@pytest.fixture(scope="module")
def page() -> str:
    return build_page(made.case(), told.inputs())


def test_charts_draw_entries_open_and_nothing_fails(page: str, tmp_path: Path) -> None:
    script = """
      Liquest.charts.drawAll();
      await new Promise((done) => setTimeout(done, 200));
      const plots = [...document.querySelectorAll('.uplot canvas')];
      result.before = plots.map(coloured);
      result.strips = [...document.querySelectorAll('.strip canvas')].map(coloured);
      const [, log] = document.querySelectorAll('.chart .tools button');
      log.click();
      dispatchEvent(new Event('beforeprint'));
      await new Promise((done) => setTimeout(done, 200));
      result.printed = [...document.querySelectorAll('.uplot canvas')].map(coloured);
      result.cited = document.querySelector('details.cited').open;
      dispatchEvent(new Event('afterprint'));
      const link = document.querySelector('.sentence a[href^="#f-"]');
      link.click();
      result.open = document.getElementById('panel').open;
      result.panel = document.getElementById('panel').textContent;
      result.link = link.getAttribute('href').slice(3);
      const table = document.querySelector('#lows table');
      const head = [...table.tHead.rows[0].cells][4];
      const number = (cell) => parseFloat(cell.textContent.replace(/,/g, ''));
      const order = () => seen('#lows td:nth-child(5)').map(number);
      head.click();
      result.rising = order();
      head.click();
      result.falling = order();
      const box = document.querySelector('#lows input');
      box.value = 'gemini sky';
      box.dispatchEvent(new Event('input'));
      result.filtered = seen('#lows tbody tr').length;
    """
    got = visit(tmp_path, page, script)
    assert got["faults"] == []
    assert got["requests"] == []
    assert len(got["before"]) == len(made.LOWS)
    assert all(n > 500 for n in got["before"] + got["printed"]), got
    assert all(n > 200 for n in got["strips"])
    assert got["cited"] and got["open"]
    assert got["link"] in got["panel"]
    assert "SELECT min(price) FROM rows" in got["panel"]
    assert f"liquest findings CASE --id {got['link']} --json" in got["panel"]
    assert "zcat binance_trades_ATOMUSDT.csv.gz | sed -n '17p'" in got["panel"]
    assert got["rising"] == sorted(got["rising"]) and len(got["rising"]) > 5
    assert got["falling"] == sorted(got["falling"], reverse=True)
    assert got["filtered"] == 1


def test_language_clock_and_window_follow_the_address(page: str, tmp_path: Path) -> None:
    script = """
      result.english = seen('span[lang=en]').length;
      result.chinese = seen('span[lang=zh]').length;
      result.lang = document.documentElement.lang;
      result.title = document.title;
      result.time = document.querySelector('.sentences time').textContent;
      result.windows = [...new Set(seen('#lows tr[data-w]').map((r) => r.dataset.w))];
      result.caveat = document.querySelector('#lows abbr').textContent;
      document.querySelector('label[for=lang-en]').click();
      document.querySelector('label[for=clock-utc]').click();
      result.englishNow = seen('span[lang=en]').length;
      result.chineseNow = seen('span[lang=zh]').length;
      result.timeNow = document.querySelector('.sentences time').textContent;
      result.address = location.hash;
    """
    got = visit(tmp_path, page, script, address="#lang=zh&clock=utc8&window=scramble")
    assert got["faults"] == []
    assert got["english"] == 0 and got["chinese"] > 100
    assert got["lang"] == "zh-CN" and got["title"] == "合成案件"
    assert got["time"] == "10-11 05:20:37.689"
    assert got["windows"] == ["1"]
    assert got["caveat"] == "成交少"
    assert got["chineseNow"] == 0 and got["englishNow"] > 100
    assert got["timeNow"] == "10-10 21:20:37.689"
    assert got["address"] == "#lang=en&clock=utc&window=scramble"


def test_a_phone_shows_it_without_scrolling_sideways(page: str, tmp_path: Path) -> None:
    script = """
      Liquest.charts.drawAll();
      await new Promise((done) => setTimeout(done, 200));
      const limit = document.documentElement.clientWidth;
      result.limit = limit;
      const clipped = (n) => n.closest('.scroll, .strip, pre, dialog, .switches');
      const over = (n) => n.getBoundingClientRect().right > limit + 1;
      result.over = seen('body *').filter((n) => over(n) && !clipped(n))
        .map((n) => n.outerHTML.slice(0, 80));
      result.plots = [...document.querySelectorAll('.uplot canvas')].map(coloured);
    """
    got = visit(tmp_path, page, script, width=390)
    assert got["faults"] == []
    assert got["limit"] <= 500
    assert got["wide"] <= got["inner"]
    assert got["over"] == []
    assert all(n > 200 for n in got["plots"])


def test_hostile_names_do_nothing(tmp_path: Path) -> None:
    track = ("binance", made.HOSTILE, "spot", "USD", "1")
    coins = {made.HOSTILE: (track, ("gemini", made.HOSTILE, "spot", "USD", "2"))}
    findings = list(made.low_findings(coins[made.HOSTILE]))
    page = build_page(made.case(), made.inputs(findings=findings, coins=coins))
    script = """
      Liquest.charts.drawAll();
      await new Promise((done) => setTimeout(done, 100));
      document.querySelector('#lows a[href^="#f-"]').click();
      result.panel = document.getElementById('panel').textContent;
      result.legend = document.querySelector('.u-legend').textContent;
    """
    got = visit(tmp_path, page, script)
    assert got["faults"] == [] and got["images"] == 0
    assert made.HOSTILE in got["panel"] and made.HOSTILE in got["legend"]
