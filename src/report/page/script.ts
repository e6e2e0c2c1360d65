/**
 * What makes the table of objects sortable and searchable. Without it the table is a plain one with all its rows; with it a part of them is in the page,
 * so that a search in thousands of objects answers at once.
 */
export const SCRIPT = `
'use strict';
(() => {
  const STEP = 200;
  const section = document.querySelector('#objects');
  const table = section.querySelector('table');
  const body = table.tBodies[0];
  const tools = section.querySelector('.tools');
  const [search, choice, status] = ['input', 'select', '#shown'].map((one) => tools.querySelector(one));
  const more = section.querySelector('.more');
  const all = [...body.rows];
  const { compare } = new Intl.Collator('en', { numeric: true });
  const number = (count) => count.toLocaleString('en');
  let texts;
  let order = all;
  let found = all;
  let most = STEP;

  const show = () => {
    body.replaceChildren(...found.slice(0, most));
    more.hidden = found.length <= most;
    const shown = Math.min(most, found.length);
    const of = found.length === all.length ? '' : ' found of ' + number(all.length);
    status.textContent = (shown < found.length ? number(shown) + ' shown of ' : '') + number(found.length) + of +
      (all.length === 1 ? ' object' : ' objects');
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    if (words.length > 0 && texts === undefined)
      texts = new Map(all.map((row) => [row, row.textContent.toLowerCase()]));
    found = order.filter((row) => (choice.value === '' || row.className === choice.value) &&
      words.every((word) => texts.get(row).includes(word)));
    most = STEP;
    show();
  };

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };

  const sortBy = (head, column) => {
    const falls = head.getAttribute('aria-sort') === 'ascending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
    const keyed = all.map((row) => [valueOf(row, column), row]);
    const isNumber = keyed.length > 0 && typeof keyed[0][0] === 'number';
    const by = isNumber ? (one, other) => one - other : compare;
    // Cells without a value come last in both orders.
    const lacks = (value) => value === '' || value === -1;
    keyed.sort(([one], [other]) =>
      lacks(one) || lacks(other) ? lacks(one) - lacks(other) : falls ? by(other, one) : by(one, other));
    order = keyed.map(([, row]) => row);
    filter();
  };

  for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => sortBy(head, column));
    head.replaceChildren(button);
  }
  search.addEventListener('input', filter);
  choice.addEventListener('change', filter);
  const [next, rest] = more.querySelectorAll('button');
  const grow = (by) => {
    const first = found[most];
    most += by;
    show();
    // The focus goes on where the new rows begin, instead of staying on a button that may be gone.
    first.tabIndex = -1;
    first.focus();
  };
  next.addEventListener('click', () => grow(STEP * 5));
  rest.addEventListener('click', () => grow(found.length));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof Element && event.target.matches('input, select, textarea');
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === 'Escape' && event.target === search && search.value !== '') {
      event.preventDefault();
      search.value = '';
      filter();
    }
  });
  tools.hidden = false;
  show();
})();
`;
