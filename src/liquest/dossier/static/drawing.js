// What charts are made of: unpacked tracks, colours, axes, and the drawing of a track.
'use strict';
Liquest.drawing = (() => {
  const { state } = Liquest;
  const LONGEST_HOLD = 300; // seconds for which a line holds the last price

  // ---- tracks -------------------------------------------------------------------------
  // outlines.py packs them: four variable-length integers a bucket.
  function unpack(packed, step) {
    const bytes = Uint8Array.from(atob(packed.d), (c) => c.charCodeAt(0));
    let at = 0;
    const next = () => {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = bytes[at++];
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    };
    const signed = () => {
      const value = next();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    };
    const one = 10 ** packed.s;
    const n = packed.n;
    const [x, lo, hi, close] = [0, 0, 0, 0].map(() => new Float64Array(n));
    let second = packed.t;
    let price = 0;
    let shortest = Infinity;
    for (let i = 0; i < n; i++) {
      const dx = next();
      if (i) shortest = Math.min(shortest, dx);
      second += dx;
      price += signed();
      x[i] = second;
      close[i] = price / one;
      hi[i] = (price + signed()) / one;
      lo[i] = (price - signed()) / one;
    }
    const resolution = parseInt(packed.r, 10) || 1;
    const span = Math.max(resolution, Math.min(shortest, step));
    return {
      venue: packed.v, instrument: packed.i, kind: packed.k, price: packed.p, quote: packed.q,
      places: packed.s, resolution, span, hold: Math.max(LONGEST_HOLD, 3 * span), x, lo, hi, close,
    };
  }

  // Index of the last bucket that begins at or before the second; -1 before the first.
  function bucketAt(track, second) {
    let low = 0;
    let high = track.x.length - 1;
    let found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (track.x[middle] <= second) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    return found;
  }

  // The bucket whose price holds at that second; -1 where there is none for too long.
  function heldAt(track, second) {
    const i = bucketAt(track, second);
    return i >= 0 && second - track.x[i] <= track.hold ? i : -1;
  }

  // Lowest and highest price of the tracks between two seconds.
  function extent(tracks, from, to) {
    let low = Infinity;
    let high = -Infinity;
    for (const track of tracks) {
      for (let i = Math.max(0, bucketAt(track, from)); i < track.x.length && track.x[i] <= to; i++) {
        if (track.x[i] + track.hold < from) continue;
        if (track.lo[i] < low) low = track.lo[i];
        if (track.hi[i] > high) high = track.hi[i];
      }
    }
    return [low, high];
  }

  // ---- colours: Okabe and Ito's set; a venue has the same one in every chart ------------
  const LIGHT = ['#d55e00', '#0072b2', '#009e73', '#aa4499', '#8a6d00', '#4d4d4d', '#3a9bd9', '#882255'];
  const DARK = ['#ff8a3d', '#5ab4f0', '#2ecc9a', '#e58fc4', '#e6c229', '#c8c8c8', '#9ad4ff', '#e07aa5'];
  const FIXED = { binance: 0, coinbase: 1, gemini: 2, kraken: 3, bybit: 4, okx: 5 };
  const FREE = [6, 7, 3, 4, 5];
  const venues = [...new Set(Object.values(Liquest.data.coins)
    .flatMap((c) => c.tracks.map((t) => t.v)))].filter((v) => !(v in FIXED)).sort();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const look = { printing: false };

  const isDark = () => dark.matches && !look.printing;

  function colour(venue) {
    const place = venue in FIXED ? FIXED[venue] : FREE[venues.indexOf(venue) % FREE.length];
    return (isDark() ? DARK : LIGHT)[place];
  }

  function ink() {
    return isDark()
      ? { text: '#a9b0ba', grid: '#2b3038', shade: 'rgba(140,170,210,.10)', lane: '#5a6675', ring: '#fff' }
      : { text: '#555d68', grid: '#e6e8eb', shade: 'rgba(40,70,110,.06)', lane: '#9aa5b3', ring: '#111' };
  }

  // Kinds of instrument differ by dash, kinds of price by width.
  const DASHES = { spot: [], 'linear-perpetual': [7, 3], 'inverse-perpetual': [2, 2] };
  const dash = (track) => (track.price !== 'trade' ? [1, 3] : DASHES[track.kind] ?? [10, 3, 2, 3]);
  const border = (track) => (dash(track).length ? (dash(track)[0] > 3 ? 'dashed' : 'dotted') : 'solid');

  // ---- axes ---------------------------------------------------------------------------
  const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
    43200, 86400, 172800, 604800];
  const hours = () => (state.clock === 'utc8' ? 8 : 0);

  function timeLabels(splits, increment) {
    let before = '';
    return splits.map((second) => {
      const [day, time] = Liquest.clock(second * 1e6, hours(), 0);
      const label = increment < 60 ? time : time.slice(0, 5);
      const dated = day !== before;
      before = day;
      return dated ? `${label}\n${day.slice(5)}` : label;
    });
  }

  function priceText(value, places) {
    return value.toLocaleString('en-US', { maximumFractionDigits: places, minimumFractionDigits: 0 });
  }

  function priceLabels(splits, increment) {
    const places = increment > 0 ? Math.max(0, Math.ceil(-Math.log10(increment) - 1e-9)) : 10;
    return splits.map((v) => (v === null ? '' : priceText(v, Math.min(places, 12))));
  }

  function linearTicks(low, high) {
    const rough = (high - low) / 5;
    const size = 10 ** Math.floor(Math.log10(rough));
    const nice = [1, 2, 5, 10].map((n) => n * size).find((n) => n >= rough);
    const ticks = [];
    for (let v = Math.ceil(low / nice) * nice; v <= high; v += nice) ticks.push(Number(v.toPrecision(12)));
    return ticks;
  }

  function logTicks(low, high) {
    if (high / low < 8) return linearTicks(low, high);
    const decades = Math.log10(high / low);
    const ticks = [];
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
      for (const n of decades > 3 ? [1] : [1, 2, 5]) {
        const v = Number((n * 10 ** p).toPrecision(12));
        if (v >= low && v <= high) ticks.push(v);
      }
    }
    return ticks;
  }

  // ---- drawing ------------------------------------------------------------------------
  // Bars from lowest to highest, at least one pixel wide: none is too short to be seen.
  function bars(track, from, to, toX, toY, width) {
    const path = new Path2D();
    for (let i = Math.max(0, bucketAt(track, from)); i < track.x.length && track.x[i] <= to; i++) {
      const x = toX(track.x[i]);
      const wide = Math.max(width, toX(track.x[i] + track.span) - x);
      const top = toY(track.hi[i]);
      path.rect(x, top, wide, Math.max(width, toY(track.lo[i]) - top));
    }
    return path;
  }

  // The last price of a bucket, known at its end, held until the next one.
  function line(track, from, to, toX, toY) {
    const path = new Path2D();
    let y = null;
    const first = Math.max(0, bucketAt(track, from) - 1);
    for (let i = first; i < track.x.length && track.x[i] <= to; i++) {
      const end = track.x[i] + track.span;
      const x = toX(end);
      if (y === null) path.moveTo(x, toY(track.close[i]));
      else path.lineTo(x, y);
      y = toY(track.close[i]);
      path.lineTo(x, y);
      const last = i + 1 >= track.x.length;
      if (last || track.x[i + 1] - end > track.hold) {
        const until = last ? end : end + track.hold;
        path.lineTo(toX(until), y);
        y = null;
      }
    }
    return path;
  }

  return {
    unpack, bucketAt, heldAt, extent, colour, ink, dash, border, INCREMENTS, timeLabels, priceText,
    priceLabels, linearTicks, logTicks, bars, line, look, dark,
  };
})();
