// The findings register: the list of embedded findings, and the entry behind each link.
'use strict';
Liquest.register = (() => {
  const { el, words, pair, data, time } = Liquest;
  const register = data.register;
  const PAGE = 25;
  const places = new Map(register.rows.map((row) => [row[0].slice(0, 12), row]));
  const RATIOS = new Set(['ratio', 'share', 'fraction']);
  const panel = document.getElementById('panel');

  // ---- a row of the register as an object ---------------------------------------------
  // Subjects and parameters stand as [key, value, key, value, …], each by its number.
  function object(pairs) {
    const made = {};
    for (let i = 0; i < pairs.length; i += 2) {
      made[register.words[pairs[i]]] = register.values[pairs[i + 1]];
    }
    return made;
  }

  function entry(row) {
    const [total, inputs] = register.inputs[row[9]];
    return {
      id: row[0],
      name: register.words[row[1]],
      subject: object(register.subjects[row[2]]),
      value: row[3],
      unit: register.words[row[4]],
      method: register.methods[row[5]],
      at: row[6],
      window: row[7] < 0 ? null : register.windows[row[7]],
      params: object(register.params[row[8]]),
      total,
      inputs: inputs.map(([source, first, last, role]) => ({
        source: register.sources[source], first, last, role: register.words[role],
      })),
      count: row[10],
      caveats: row[11],
    };
  }

  function grouped(text) {
    const [whole, rest] = text.replace('-', '').split('.');
    const sign = text.startsWith('-') ? '−' : '';
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? '.' + rest : '');
  }

  function valueNodes(found) {
    if (found.value === null) return words('register.no_value');
    if (found.unit === 'text' || Number.isNaN(Number(found.value))) return [String(found.value)];
    if (found.name === 'silence.ratio') return [`${grouped(found.value)} ×`];
    if (RATIOS.has(found.unit)) {
      const percent = (Number(found.value) * 100).toFixed(2).replace('-', '−');
      return [`${grouped(found.value)} (${percent} %)`];
    }
    return [grouped(found.value), ' ', ...words(`unit.${found.unit}`)];
  }

  function subjectText(subject) {
    return Object.values(subject).join(' ');
  }

  function subjectNodes(subject) {
    const { venue, instrument, kind, price, coin, against, ...rest } = subject;
    const out = [];
    if (venue) out.push(el('b', {}, data.venues[venue] ?? venue), ' ');
    if (instrument) out.push(instrument, ' ');
    if (!instrument && coin) out.push(coin, ' ');
    if (kind) out.push(el('small', {}, words(`kind.${kind}`)), ' ');
    if (price && price !== 'trade') out.push(el('small', {}, words(`price.${price}`)), ' ');
    if (against) out.push(el('small', {}, words('register.against'), ' ', words(`against.${against}`)), ' ');
    for (const [key, value] of Object.entries(rest)) out.push(el('small', {}, `${key}=${value}`), ' ');
    return out;
  }

  // ---- commands a reader can run ------------------------------------------------------
  function quoted(text) {
    return /^[A-Za-z0-9._/+=@%,:][A-Za-z0-9._/+=@%,:-]*$/.test(text)
      ? text : "'" + text.replace(/'/g, "'\\''") + "'";
  }

  const listing = (id) => `liquest findings CASE --id ${id.slice(0, 12)} --json`;

  function showing(input) {
    const name = (input.source[1] || '').split('/').pop();
    if (!name) return '';
    const file = quoted(name);
    const lines = input.first === input.last ? `${input.first}p` : `${input.first},${input.last}p`;
    if (/\.gz$/i.test(name)) return `zcat ${file} | sed -n '${lines}'`;
    if (/\.zip$/i.test(name)) return `unzip -p ${file} | sed -n '${lines}'`;
    if (/\.(parquet|pq)$/i.test(name)) {
      const sql = `SELECT * FROM read_parquet('${name.replace(/'/g, "''")}') `
        + `LIMIT ${input.last - input.first + 1} OFFSET ${input.first - 1}`;
      return `duckdb -c "${sql.replace(/(["\\$`])/g, '\\$1')}"`;
    }
    if (/\.json$/i.test(name)) return '';
    return `sed -n '${lines}' ${file}`;
  }

  function commandBox(text) {
    const button = el('button', { type: 'button' }, words('register.copy'));
    button.addEventListener('click', () => copy(text, button));
    return el('div', { class: 'command' }, el('pre', {}, text), button);
  }

  function copy(text, button) {
    const done = () => button && button.replaceChildren(...words('register.copied'));
    const plain = () => {
      const area = el('textarea', { class: 'copy' });
      area.value = text;
      (panel.open ? panel : document.body).append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, plain);
    else plain();
  }

  // ---- the panel ----------------------------------------------------------------------
  function facts(pairs) {
    const list = el('dl', {});
    for (const [key, nodes] of pairs) {
      if (nodes && nodes.length) list.append(el('dt', {}, words(key)), el('dd', {}, nodes));
    }
    return list;
  }

  function windowNodes([name, from, to]) {
    return [el('b', {}, name), ' ', time(from), ' – ', time(to)];
  }

  function paramNodes(params) {
    return Object.entries(params).map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return el('div', {}, el('code', {}, key), ' = ', el('span', {}, text));
    });
  }

  function sha(text) {
    return el('code', { class: 'sha', title: text }, text.slice(0, 12));
  }

  function inputTable(found) {
    const body = el('tbody', {});
    for (const input of found.inputs) {
      const [digest, name, , , files] = input.source;
      const named = name ? [name] : words('register.unknown_source');
      const derived = (files || []).map(([file, hash]) =>
        el('div', { class: 'derived' }, el('small', {}, words('register.derived'), ' ', file, ' '), sha(hash)));
      body.append(el('tr', {},
        el('td', { class: 's' }, named, derived),
        el('td', { class: 'n' }, input.first === input.last
          ? grouped(String(input.first)) : `${grouped(String(input.first))}–${grouped(String(input.last))}`),
        el('td', {}, words(`register.${input.role}`)),
        el('td', {}, sha(digest))));
    }
    const heads = ['file', 'rows', 'role', 'sha256'].map((k) =>
      el('th', k === 'rows' ? { class: 'n' } : {}, words(`register.${k}`)));
    return el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, heads)), body));
  }

  function methodNodes(method) {
    const out = [];
    if (method.title) out.push(el('p', {}, el('b', {}, pair(...method.title)), ' ', el('code', {}, method.id)));
    else out.push(el('p', {}, el('code', {}, method.id)));
    if (method.definition) out.push(el('p', {}, pair(...method.definition)));
    if (method.sql) {
      out.push(el('details', {}, el('summary', {}, words('register.sql')), el('pre', {}, method.sql)));
    }
    return out;
  }

  function body(found) {
    const decisive = found.inputs.filter((i) => i.role !== 'scanned').slice(0, 3);
    const checks = (decisive.length ? decisive : found.inputs.slice(0, 1)).map(showing).filter(Boolean);
    const more = found.total - found.inputs.length;
    return [
      el('p', { class: 'kind' }, el('code', {}, found.name)),
      el('h2', {}, valueNodes(found)),
      el('p', {}, subjectNodes(found.subject)),
      facts([
        ['register.at', found.at === null ? null : [time(found.at)]],
        ['register.window', found.window && windowNodes(found.window)],
        ['register.count', [grouped(String(found.count))]],
        ['register.caveats', found.caveats.map((c) => el('div', {}, data.caveats[c] ? pair(data.caveats[c][2], data.caveats[c][3]) : c))],
        ['register.params', paramNodes(found.params)],
        ['register.id', [el('code', { class: 'sha whole', title: found.id }, found.id)]],
      ]),
      el('h3', {}, words('register.method')), ...methodNodes(found.method),
      el('h3', {}, words('register.inputs')), inputTable(found),
      more > 0 ? el('p', { class: 'note' }, words('register.more_inputs', { n: more })) : null,
      checks.length ? el('h3', {}, words('register.check')) : null, ...checks.map(commandBox),
      el('h3', {}, words('register.command')), commandBox(listing(found.id)),
    ];
  }

  function open(id) {
    const close = el('button', { type: 'button', class: 'close' }, words('register.close'));
    close.addEventListener('click', () => panel.close());
    const row = places.get(id);
    const missing = [
      el('h2', {}, el('code', {}, id)), el('p', {}, words('register.missing')),
      commandBox(listing(id)),
    ];
    panel.replaceChildren(close, ...(row ? body(entry(row)) : missing).filter(Boolean));
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    Liquest.pin(id);
  }

  // ---- the list -----------------------------------------------------------------------
  function list(holder) {
    const view = { page: 0, filter: '' };
    const box = el('input', { type: 'search', spellcheck: 'false' });
    const count = el('span', { class: 'count' });
    const back = el('button', { type: 'button' }, '‹ ', words('page.previous'));
    const on = el('button', { type: 'button' }, words('page.next'), ' ›');
    const rows = el('tbody', {});
    const texts = [];

    function textOf(i) {
      if (texts[i] === undefined) {
        const found = entry(register.rows[i]);
        const where = found.window ? found.window[0] : '';
        texts[i] = `${found.id} ${found.name} ${subjectText(found.subject)} ${where}`.toLowerCase();
      }
      return texts[i];
    }

    function draw() {
      const parts = view.filter.split(/\s+/).filter(Boolean);
      const fits = register.rows.map((_, i) => i)
        .filter((i) => parts.every((part) => textOf(i).includes(part)));
      const pages = Math.max(1, Math.ceil(fits.length / PAGE));
      view.page = Math.min(view.page, pages - 1);
      const first = view.page * PAGE;
      const shown = fits.slice(first, first + PAGE);
      rows.replaceChildren(...shown.map((i) => {
        const found = entry(register.rows[i]);
        const link = (nodes) => el('a', { href: `#f-${found.id.slice(0, 12)}` }, nodes);
        return el('tr', {},
          el('td', {}, link(el('code', {}, found.id.slice(0, 12)))),
          el('td', {}, el('code', {}, found.name)),
          el('td', {}, subjectNodes(found.subject)),
          el('td', { class: 'n' }, link(valueNodes(found))),
          el('td', {}, found.window ? found.window[0] : ''),
          el('td', { class: 't' }, found.at === null ? null : time(found.at, 3)));
      }));
      const numbers = { from: fits.length ? first + 1 : 0, to: first + shown.length, n: grouped(String(fits.length)) };
      count.replaceChildren(...(fits.length ? words('page.rows_of', numbers) : words('page.no_match')));
      back.disabled = view.page === 0;
      on.disabled = view.page >= pages - 1;
    }

    back.addEventListener('click', () => { view.page -= 1; draw(); });
    on.addEventListener('click', () => { view.page += 1; draw(); });
    box.addEventListener('input', () => { view.filter = box.value.trim().toLowerCase(); view.page = 0; draw(); });
    const heads = [['id'], ['name'], ['subject'], ['value', 'n'], ['window'], ['at', 't']].map(([k, c]) =>
      el('th', c ? { class: c } : {}, words(`register.${k}`)));
    holder.append(
      el('div', { class: 'tools' }, el('label', {}, el('span', {}, words('page.filter')), box), count, back, on),
      el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, heads)), rows)));
    draw();
  }

  function follow() {
    const id = Liquest.tokens().find((t) => t.startsWith('f-'));
    if (id) open(id.slice(2));
  }

  function start() {
    list(document.getElementById('entries'));
    document.addEventListener('click', (event) => {
      const link = event.target.closest('a[href^="#f-"]');
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        open(link.getAttribute('href').slice(3));
      }
      const code = event.target.closest('code.sha');
      if (code) {
        copy(code.title);
        code.classList.add('copied');
        setTimeout(() => code.classList.remove('copied'), 900);
      }
      if (event.target === panel) panel.close();
    });
    panel.addEventListener('close', () => Liquest.pin(''));
    addEventListener('hashchange', follow);
    follow();
  }

  return { start, open };
})();
