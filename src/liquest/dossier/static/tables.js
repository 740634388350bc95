// Tables: sort by a click on a head, filter by a word, pages of rows. Without this script the
// whole table stands there; in print every row of the page's tables does.
'use strict';
Liquest.tables = (() => {
  const { el, words, state } = Liquest;

  function value(row, column) {
    const cell = row.cells[column];
    if (!cell) return '';
    if (cell.dataset.s !== undefined) return cell.dataset.s;
    const text = cell.textContent.trim();
    const number = cell.className === 'n' && /^[−-]?[\d,]+(\.\d+)?/.exec(text);
    return number ? number[0].replace('−', '-').replace(/,/g, '') : text;
  }

  function compare(a, b) {
    if (a === b) return 0;
    if (a === '') return 1;
    if (b === '') return -1;
    const x = Number(a);
    const y = Number(b);
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a < b ? -1 : 1;
  }

  function enhance(table) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const size = Number(table.dataset.page) || 0;
    const view = { rows: original, page: 0, filter: '' };
    const tools = el('div', { class: 'tools' });
    const box = el('input', { type: 'search', spellcheck: 'false' });
    const count = el('span', { class: 'count' });
    const back = el('button', { type: 'button' }, '‹ ', words('page.previous'));
    const on = el('button', { type: 'button' }, words('page.next'), ' ›');
    const text = new Map();

    function shownIn(row) {
      return row.dataset.w === undefined || Number(row.dataset.w) === state.window;
    }

    function matches(row) {
      if (!view.filter) return true;
      if (!text.has(row)) text.set(row, row.textContent.toLowerCase());
      return view.filter.split(/\s+/).every((part) => text.get(row).includes(part));
    }

    function draw() {
      const fits = view.rows.filter((row) => shownIn(row) && matches(row));
      const kept = new Set(fits);
      const pages = size ? Math.max(1, Math.ceil(fits.length / size)) : 1;
      view.page = Math.min(view.page, pages - 1);
      const first = size ? view.page * size : 0;
      const last = size ? Math.min(first + size, fits.length) : fits.length;
      const onPage = new Set(fits.slice(first, last));
      for (const row of original) {
        row.classList.toggle('off-filter', !kept.has(row) && shownIn(row));
        row.classList.toggle('off-page', kept.has(row) && !onPage.has(row));
      }
      const parts = { from: fits.length ? first + 1 : 0, to: last, n: fits.length };
      count.replaceChildren(...(fits.length ? words('page.rows_of', parts) : words('page.no_match')));
      back.hidden = on.hidden = pages < 2;
      back.disabled = view.page === 0;
      on.disabled = view.page >= pages - 1;
      tools.hidden = pages < 2 && !('filter' in table.dataset);
    }

    function sort(head, column) {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const places = new Map(original.map((row, i) => [row, i]));
      view.rows = [...original].sort((a, b) => {
        const x = value(a, column);
        const y = value(b, column);
        const order = compare(x, y);
        const turned = down && x !== '' && y !== '' ? -order : order;
        return turned || places.get(a) - places.get(b);
      });
      body.append(...view.rows);
      view.page = 0;
      draw();
    }

    [...table.tHead.rows[0].cells].forEach((head, column) => {
      head.tabIndex = 0;
      head.addEventListener('click', () => sort(head, column));
      head.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          sort(head, column);
        }
      });
    });
    back.addEventListener('click', () => { view.page -= 1; draw(); });
    on.addEventListener('click', () => { view.page += 1; draw(); });
    box.addEventListener('input', () => {
      view.filter = box.value.trim().toLowerCase();
      view.page = 0;
      draw();
    });
    if ('filter' in table.dataset) {
      tools.append(el('label', {}, el('span', {}, words('page.filter')), box));
    }
    tools.append(count, back, on);
    table.parentNode.before(tools);
    Liquest.onChange(() => { text.clear(); draw(); });
  }

  return { start: () => document.querySelectorAll('table[data-table]').forEach(enhance) };
})();
