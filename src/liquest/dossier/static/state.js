// The page's data and its three switches: language, clock, window.
// A choice stands in the address after #, and in local storage where the browser allows it.
'use strict';
const Liquest = (() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById('data').textContent);
  const STORE = 'liquest-dossier';
  const listeners = [];
  const state = { lang: 'en', clock: 'utc', window: 0 };

  // ---- reading and keeping the choice -------------------------------------------------
  function tokens() {
    let text = location.hash.slice(1);
    try { text = decodeURIComponent(text); } catch { /* a stray % stays as it is */ }
    return text.split('&').filter(Boolean);
  }

  function take(key, value) {
    if (key === 'lang' && (value === 'en' || value === 'zh')) state.lang = value;
    if (key === 'clock' && (value === 'utc' || value === 'utc8')) state.clock = value;
    if (key === 'window') {
      const at = data.windows.findIndex((w) => w[0] === value);
      if (at >= 0) state.window = at;
    }
  }

  function takeHash() {
    for (const token of tokens()) {
      const cut = token.indexOf('=');
      if (cut > 0) take(token.slice(0, cut), token.slice(cut + 1));
    }
  }

  function begin() {
    if (/^zh/i.test(navigator.language || '')) state.lang = 'zh';
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) || '{}');
      take('lang', kept.lang);
      take('clock', kept.clock);
    } catch { /* storage is closed to pages from a file in some browsers */ }
    takeHash();
  }

  function keep() {
    try {
      localStorage.setItem(STORE, JSON.stringify({ lang: state.lang, clock: state.clock }));
    } catch { /* as above */ }
    const parts = [`lang=${state.lang}`, `clock=${state.clock}`];
    if (data.windows.length > 1) parts.push(`window=${data.windows[state.window][0]}`);
    if (pinned) parts.push(`f-${pinned}`);
    try {
      history.replaceState(null, '', '#' + parts.map(encodeURI).join('&'));
    } catch { /* an address that may not change */ }
  }

  // The entry that stands open is part of the address, so that it can be handed on.
  let pinned = '';
  function pin(id) {
    pinned = id;
    keep();
  }

  function apply() {
    root.dataset.lang = state.lang;
    root.lang = state.lang === 'zh' ? 'zh-CN' : 'en';
    root.dataset.clock = state.clock;
    root.dataset.w = state.window;
    for (const input of document.querySelectorAll('.switches input')) {
      input.checked = String(state[input.name]) === input.value;
    }
    document.title = data.title[state.lang === 'zh' ? 1 : 0];
    for (const listener of listeners) listener(state);
  }

  // ---- making elements; text only, never markup ---------------------------------------
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ''));
    return made;
  }

  function pair(en, zh) {
    return en === zh ? [en] : [el('span', { lang: 'en' }, en), el('span', { lang: 'zh' }, zh)];
  }

  function filled(template, parts) {
    return template.replace(/\{(\w+)\}/g, (all, name) => (name in parts ? parts[name] : all));
  }

  // Both languages of an entry of text.toml as nodes; a name that is not there stands for itself.
  function words(key, parts = {}) {
    const found = data.words[key];
    if (!found) return [key.slice(key.indexOf('.') + 1)];
    return pair(filled(found[0], parts), filled(found[1], parts));
  }

  // ---- times --------------------------------------------------------------------------
  const two = (n) => String(n).padStart(2, '0');

  // Microseconds as date and time of day in a zone (hours ahead of UTC).
  function clock(us, hours, digits = 6) {
    const seconds = Math.floor(us / 1e6);
    const micros = us - seconds * 1e6;
    const d = new Date((seconds + hours * 3600) * 1000);
    const day = `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
    let time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
    if (digits && micros) time += '.' + String(micros).padStart(6, '0').slice(0, digits);
    return [day, time];
  }

  function time(us, digits = 6) {
    const one = (hours) => {
      const [day, at] = clock(us, hours, digits);
      return [el('i', {}, day), ' ' + at];
    };
    return el('time', {}, el('span', { class: 'u' }, one(0)), el('span', { class: 'c' }, one(8)));
  }

  // Times that the page was made with stand in UTC, without a year: 10-10 21:20:37.689. In the
  // other clock only day and hour change, so that the digits stay as they were cut.
  const written = [];
  function readTimes() {
    const near = data.windows[0][1] / 1000;
    for (const node of document.querySelectorAll('time')) {
      const parts = /^(\d\d)-(\d\d) (\d\d):(\d\d)(.*)$/.exec(node.textContent);
      if (!parts) continue;
      const year = new Date(near).getUTCFullYear();
      const [ms] = [year - 1, year, year + 1]
        .map((y) => Date.UTC(y, parts[1] - 1, +parts[2], +parts[3], +parts[4]))
        .sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
      const day = document.createElement('i');
      const text = document.createTextNode('');
      node.replaceChildren(day, text);
      written.push({ day, text, ms, rest: parts[5] });
    }
  }

  function writeTimes() {
    const ahead = state.clock === 'utc8' ? 8 * 3600e3 : 0;
    for (const { day, text, ms, rest } of written) {
      const at = new Date(ms + ahead);
      day.textContent = `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
      text.data = ` ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${rest}`;
    }
  }

  // Caveats stand as codes; here they get their short words, and the full ones as a title.
  function writeCaveats() {
    const at = state.lang === 'zh' ? 1 : 0;
    for (const node of document.querySelectorAll('abbr')) {
      const code = (node.dataset.c ??= node.textContent);
      const found = data.caveats[code];
      if (!found) continue;
      node.textContent = found[at];
      node.title = found[2 + at];
    }
  }

  function start() {
    begin();
    readTimes();
    let before = {};
    listeners.push(() => {
      if (before.clock !== state.clock) writeTimes();
      if (before.lang !== state.lang) writeCaveats();
      before = { ...state };
    });
    document.querySelector('.switches').addEventListener('change', (event) => {
      const { name, value } = event.target;
      if (!(name in state)) return;
      state[name] = name === 'window' ? Number(value) : value;
      keep();
      apply();
    });
    addEventListener('hashchange', () => { takeHash(); apply(); });
    addEventListener('beforeprint', () => {
      for (const d of document.querySelectorAll('details[data-print]')) d.open = true;
    });
    apply();
  }

  return {
    data, state, el, pair, words, clock, time, tokens, pin, start,
    onChange: (listener) => listeners.push(listener),
  };
})();
