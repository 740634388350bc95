// One chart a coin: all venues on one time axis, and a strip below that moves the view.
'use strict';
Liquest.charts = (() => {
  const { el, words, data, state } = Liquest;
  const d = Liquest.drawing;
  const LANE = 14; // pixels of height for the name of a window
  const windows = data.windows.map(([name, start, end]) => ({ name, start: start / 1e6, end: end / 1e6 }));
  const figures = [...document.querySelectorAll('figure.chart')];
  const made = new Map();

  function label(track) {
    const name = el('span', {}, el('b', {}, data.venues[track.venue] ?? track.venue), ` ${track.instrument} `,
      el('small', {}, words(`kind.${track.kind}`)));
    if (track.price !== 'trade') name.append(' ', el('small', {}, words(`price.${track.price}`)));
    if (track.resolution > 1) name.append(' ', el('small', {}, `${track.resolution} s`));
    return name;
  }

  // ---- the main chart -----------------------------------------------------------------
  function series(chart, track) {
    return {
      label: label(track),
      stroke: () => d.colour(track.venue),
      fill: (u) => {
        const { min, max } = u.scales.x;
        const wide = track.span / (max - min) * u.bbox.width > 5 * devicePixelRatio;
        return d.colour(track.venue) + (wide ? '30' : '73');
      },
      width: track.price === 'trade' ? 1.25 : 1,
      dash: d.dash(track),
      points: { show: false },
      value: (u, _, place, i) => {
        if (i === null || i === undefined) return '–';
        const at = d.heldAt(track, u.data[0][i]);
        if (at < 0) return '–';
        const [close, lo, hi] = [track.close, track.lo, track.hi].map((v) => d.priceText(v[at], track.places));
        return lo === hi ? close : `${close} (${lo}–${hi})`;
      },
      paths: (u) => {
        const { min, max } = u.scales.x;
        const toX = (v) => u.valToPos(v, 'x', true);
        const toY = (v) => u.valToPos(chart.log ? Math.max(v, chart.floor) : v, 'y', true);
        return {
          stroke: d.line(track, min, max, toX, toY),
          fill: d.bars(track, min, max, toX, toY, devicePixelRatio),
          flags: 0,
        };
      },
    };
  }

  function aligned(tracks) {
    const seconds = new Set();
    for (const t of tracks) for (const x of t.x) seconds.add(x);
    const x = [...seconds].sort((a, b) => a - b);
    return [x, ...tracks.map((t) => x.map((second) => {
      const i = d.heldAt(t, second);
      return i < 0 ? null : t.close[i];
    }))];
  }

  function priceRange(chart) {
    return (u) => {
      const { min, max } = u.scales.x;
      const shown = chart.tracks.filter((_, i) => u.series[i + 1].show);
      let [low, high] = d.extent(shown.length ? shown : chart.tracks, min ?? -Infinity, max ?? Infinity);
      if (!(low <= high)) return [0, 1];
      if (chart.log) {
        low = Math.max(low, chart.floor);
        const pad = Math.max(1.002, (high / low) ** 0.04);
        return [low / pad, high * pad];
      }
      const pad = (high - low || high || 1) * 0.04;
      return [low - pad < 0 && low >= 0 ? 0 : low - pad, high + pad];
    };
  }

  function shade(u) {
    const { ctx, bbox } = u;
    const ink = d.ink();
    const ratio = devicePixelRatio;
    const clamp = (x) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, x));
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = 'middle';
    windows.forEach((w, lane) => {
      const left = clamp(u.valToPos(w.start, 'x', true));
      const right = clamp(u.valToPos(w.end, 'x', true));
      if (right - left < 1) return;
      const chosen = lane === state.window;
      const y = bbox.top - (windows.length - lane - 0.5) * LANE * ratio - 3 * ratio;
      ctx.fillStyle = ink.shade;
      if (chosen) ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.fillRect(left, y - LANE * ratio / 2 + ratio, right - left, LANE * ratio - 2 * ratio);
      ctx.strokeStyle = ink.lane;
      ctx.lineWidth = ratio;
      ctx.setLineDash(chosen ? [] : [2 * ratio, 3 * ratio]);
      ctx.beginPath();
      for (const x of [u.valToPos(w.start, 'x', true), u.valToPos(w.end, 'x', true)]) {
        if (x >= bbox.left && x <= bbox.left + bbox.width) {
          ctx.moveTo(x, y - LANE * ratio / 2 + ratio);
          ctx.lineTo(x, bbox.top + bbox.height);
        }
      }
      ctx.stroke();
      ctx.fillStyle = ink.text;
      const wide = ctx.measureText(w.name).width;
      if (wide + 6 * ratio < right - left) ctx.fillText(w.name, left + 4 * ratio, y);
    });
    ctx.restore();
  }

  function rings(chart) {
    return (u) => {
      const { ctx, bbox } = u;
      const ratio = devicePixelRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top - 6, bbox.width, bbox.height + 12);
      ctx.clip();
      for (const [track, second, price, window] of chart.lows) {
        if (window !== state.window || !u.series[track + 1].show) continue;
        const x = u.valToPos(second, 'x', true);
        const y = u.valToPos(chart.log ? Math.max(price, chart.floor) : price, 'y', true);
        ctx.lineWidth = 1.5 * ratio;
        ctx.setLineDash([]);
        ctx.strokeStyle = d.ink().ring;
        ctx.beginPath();
        ctx.arc(x, y, 3.5 * ratio, 0, 2 * Math.PI);
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  function options(chart, width, height) {
    const text = { stroke: () => d.ink().text, grid: { stroke: () => d.ink().grid, width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    const clock = el('span', {}, el('span', { class: 'u' }, 'UTC'), el('span', { class: 'c' }, 'UTC+8'));
    return {
      width,
      height,
      padding: [windows.length * LANE + 8, 12, 0, 0],
      scales: {
        x: { time: false },
        y: { distr: chart.log ? 3 : 1, range: priceRange(chart) },
      },
      axes: [
        { ...text, incrs: d.INCREMENTS, space: 64, size: 38, values: (u, s, a, space, incr) => d.timeLabels(s, incr) },
        {
          ...text,
          size: (u, values) => 16 + 6.6 * Math.max(3, ...(values || []).map((v) => v.length)),
          gap: 4,
          filter: (u, s) => s,
          splits: (u, a, min, max) => (chart.log ? d.logTicks(min, max) : d.linearTicks(min, max)),
          values: (u, s) => d.priceLabels(s, chart.log && s.length > 1 && s.at(-1) / s[0] >= 8 ? 0 : s[1] - s[0]),
        },
      ],
      series: [
        { label: clock, value: (u, v) => (v === null || v === undefined ? '–' : Liquest.clock(v * 1e6, state.clock === 'utc8' ? 8 : 0, 0).join(' ')) },
        ...chart.tracks.map((t) => series(chart, t)),
      ],
      legend: { markers: { dash: (u, i) => (i ? d.border(chart.tracks[i - 1]) : 'solid') } },
      cursor: { drag: { x: true, y: false }, points: { size: 5 } },
      hooks: {
        drawClear: [shade],
        draw: [rings(chart)],
        setScale: [(u, key) => { if (key === 'x' && chart.strip) chart.strip.place(u.scales.x.min, u.scales.x.max); }],
      },
    };
  }

  // ---- the strip below ----------------------------------------------------------------
  function strip(holder, chart, onMove) {
    const canvas = el('canvas', {});
    const brush = el('div', { class: 'brush' });
    const box = el('div', { class: 'strip' }, canvas, brush);
    holder.append(box);
    const view = { min: chart.from, max: chart.to };
    let drag = null;

    const toSecond = (px) => chart.from + (px / box.clientWidth) * (chart.to - chart.from);
    const toPixel = (s) => ((s - chart.from) / (chart.to - chart.from)) * box.clientWidth;

    function place(min, max) {
      view.min = Math.max(chart.from, min);
      view.max = Math.min(chart.to, max);
      brush.style.left = `${toPixel(view.min)}px`;
      brush.style.width = `${Math.max(2, toPixel(view.max) - toPixel(view.min))}px`;
      box.classList.toggle('whole', view.min <= chart.from && view.max >= chart.to);
    }

    function draw() {
      const ratio = devicePixelRatio;
      canvas.width = Math.max(1, box.clientWidth * ratio);
      canvas.height = Math.max(1, box.clientHeight * ratio);
      const ctx = canvas.getContext('2d');
      const [low, high] = d.extent(chart.tracks, chart.from, chart.to);
      const scale = chart.log ? (v) => Math.log(Math.max(v, chart.floor)) : (v) => v;
      const toX = (s) => ((s - chart.from) / (chart.to - chart.from)) * canvas.width;
      const toY = (v) => canvas.height * (0.95 - 0.9 * ((scale(v) - scale(low)) / (scale(high) - scale(low) || 1)));
      for (const track of chart.tracks) {
        ctx.fillStyle = d.colour(track.venue) + '99';
        ctx.fill(d.bars(track, chart.from, chart.to, toX, toY, ratio));
      }
      place(view.min, view.max);
    }

    function at(event) {
      const left = box.getBoundingClientRect().left;
      return Math.min(box.clientWidth, Math.max(0, event.clientX - left));
    }

    box.addEventListener('pointerdown', (event) => {
      const px = at(event);
      const [left, right] = [toPixel(view.min), toPixel(view.max)];
      const near = event.pointerType === 'mouse' ? 6 : 16;
      const whole = box.classList.contains('whole');
      if (!whole && Math.abs(px - left) < near) drag = { fixed: right };
      else if (!whole && Math.abs(px - right) < near) drag = { fixed: left };
      else if (!whole && px > left && px < right) drag = { grip: px - left, wide: right - left };
      else drag = { fixed: px };
      box.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    box.addEventListener('pointermove', (event) => {
      if (!drag) return;
      const px = at(event);
      if ('grip' in drag) {
        const left = Math.min(box.clientWidth - drag.wide, Math.max(0, px - drag.grip));
        onMove(toSecond(left), toSecond(left + drag.wide));
      } else if (Math.abs(px - drag.fixed) > 3) {
        onMove(toSecond(Math.min(px, drag.fixed)), toSecond(Math.max(px, drag.fixed)));
      }
    });
    for (const name of ['pointerup', 'pointercancel']) box.addEventListener(name, () => { drag = null; });
    box.addEventListener('dblclick', () => onMove(chart.from, chart.to));
    return { draw, place };
  }

  // ---- a figure -----------------------------------------------------------------------
  function build(figure) {
    const coin = data.coins[figure.dataset.coin];
    const tracks = coin.tracks.map((t) => d.unpack(t, data.step));
    const holder = figure.querySelector('.plot');
    const [low] = d.extent(tracks, -Infinity, Infinity);
    const positive = Math.min(...tracks.map((t) => t.lo.reduce((m, v) => (v > 0 && v < m ? v : m), Infinity)));
    const chart = {
      tracks, lows: coin.lows, log: false, floor: low > 0 ? low : positive,
      from: Math.min(...tracks.map((t) => t.x[0])),
      to: Math.max(...tracks.map((t) => t.x.at(-1) + t.span)),
    };
    const values = aligned(tracks);
    const main = el('div', {});
    holder.append(main);
    chart.strip = strip(holder, chart, (min, max) => chart.plot.setScale('x', { min, max }));

    const width = () => (d.look.printing ? 680 : Math.max(260, holder.clientWidth));
    const height = () => (d.look.printing ? 270 : width() < 560 ? 300 : 360);
    function plot() {
      const before = chart.plot && { x: { ...chart.plot.scales.x }, show: chart.plot.series.map((s) => s.show) };
      if (chart.plot) chart.plot.destroy();
      chart.plot = new uPlot(options(chart, width(), height()), values, main);
      if (before) {
        chart.plot.setScale('x', { min: before.x.min, max: before.x.max });
        before.show.forEach((show, i) => { if (i && !show) chart.plot.setSeries(i, { show }); });
      }
      chart.strip.draw();
    }
    chart.resize = () => { chart.plot.setSize({ width: width(), height: height() }); chart.strip.draw(); };
    chart.redraw = () => {
      // A plot made just now has no scale yet and will be drawn in the chosen way anyhow.
      if (typeof chart.plot.scales.x.min === 'number') chart.plot.redraw(true, true);
      chart.strip.draw();
    };
    figure.querySelector('figcaption').after(buttons(chart, plot));
    plot();
    let known = holder.clientWidth;
    new ResizeObserver(() => {
      if (d.look.printing || holder.clientWidth === known) return;
      known = holder.clientWidth;
      chart.resize();
    }).observe(holder);
    return chart;
  }

  function buttons(chart, plot) {
    const button = (key, act) => {
      const b = el('button', { type: 'button' }, words(`coins.${key}`));
      b.addEventListener('click', act);
      return b;
    };
    const scale = (log) => () => {
      chart.log = log;
      linear.setAttribute('aria-pressed', String(!log));
      logarithmic.setAttribute('aria-pressed', String(log));
      plot();
    };
    const linear = button('linear', scale(false));
    const logarithmic = button('log', scale(true));
    linear.setAttribute('aria-pressed', 'true');
    logarithmic.setAttribute('aria-pressed', 'false');
    const whole = button('reset', () => chart.plot.setScale('x', { min: chart.from, max: chart.to }));
    return el('div', { class: 'tools' }, linear, logarithmic, whole);
  }

  function ensure(figure) {
    if (!made.has(figure)) made.set(figure, build(figure));
    return made.get(figure);
  }

  function redrawAll() {
    for (const chart of made.values()) chart.redraw();
  }

  function printed(on) {
    const before = [...made.values()];
    d.look.printing = on;
    for (const chart of before) { chart.resize(); chart.redraw(); }
    if (on) figures.forEach(ensure);
  }

  function start() {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        ensure(entry.target);
      }
    }, { rootMargin: '400px' });
    figures.forEach((figure) => seen.observe(figure));
    Liquest.onChange(redrawAll);
    d.dark.addEventListener('change', redrawAll);
    addEventListener('beforeprint', () => printed(true));
    addEventListener('afterprint', () => printed(false));
  }

  return { start, drawAll: () => figures.forEach(ensure) };
})();

Liquest.tables.start();
Liquest.charts.start();
Liquest.start();
Liquest.register.start();
