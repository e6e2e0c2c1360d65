// Fills the front page: the shelf, the opening hours and the basket.
import { formatPounds, loadPrices } from './prices.js';

const site = new URL('..', import.meta.url);

const readJson = async (path) => {
  const answer = await fetch(new URL(path, site));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};

const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
};

const showHours = (hours) => {
  const list = document.querySelector('#opening');
  for (const { days, open } of hours) list.append(element('dt', days), element('dd', open));
};

const showTeas = (teas, prices) => {
  const total = document.querySelector('#total');
  let pence = 0;
  const cards = teas.map((tea) => {
    const card = element('li', undefined, 'tea');
    const button = element('button', 'Add 100 g');
    button.type = 'button';
    button.setAttribute('aria-label', `Add 100 g of ${tea.name}`);
    button.addEventListener('click', () => {
      pence = prices.add(pence, prices.times(tea.pencePer50g, 2));
      total.textContent = formatPounds(pence);
    });
    const price = element('p', `${formatPounds(tea.pencePer50g)} for 50 g`, 'price');
    card.append(element('h3', tea.name), element('p', tea.taste), price, button);
    return card;
  });
  document.querySelector('#teas').replaceChildren(...cards);
  total.textContent = formatPounds(pence);
};

const [teas, hours, prices] = await Promise.all([readJson('data/teas.json'), readJson('data/hours.json'), loadPrices(site)]);
showTeas(teas, prices);
showHours(hours);
