import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Browser, type BrowserPage, findChromium, type PageOptions, startChromium } from '../support/chromium.js';
import { outcomeOf, pageOf, siteOutcomes } from '../support/report-page.js';
import { makeTree } from '../support/tree.js';

// The page of a run in a real browser: sorting, search, keyboard, colours, and what it looks like without scripts.

const program = findChromium();
const skip =
  program === undefined && 'no Chromium on this machine; the integration tests install it (apt-get install chromium)';

/** What all pages do: finds texts of the table, and waits until the browser has laid it out. */
const ROWS = `[...document.querySelectorAll('.objects tbody tr')]`;
const cellsOf = (column: number): string => `${ROWS}.map((row) => row.cells[${column}].textContent)`;
const head = (column: number): string => `document.querySelectorAll('.objects th')[${column}]`;

/** The texts whose contrast with what lies behind them is below 4.5, as WCAG computes it. */
const CONTRAST = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
      if (color[3] > 0) throw new Error('half transparent: ' + one.outerHTML.slice(0, 100));
    }
    throw new Error('nothing behind');
  };
  const bad = [];
  let checked = 0;
  for (const element of document.body.querySelectorAll('*')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!hasText || !element.checkVisibility() || element.matches('script, title, option')) continue;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGTextElement;
    const rect = isSvg ? element.parentElement.querySelector('rect') : null;
    const inMap = isSvg && element.closest('.treemap') !== null;
    const fore = parse(isSvg ? style.fill : style.color);
    const back = inMap ? parse(getComputedStyle(rect).fill) : behind(element.closest('svg')?.parentElement ?? element);
    const [one, other] = [luminance(fore), luminance(back)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    checked += 1;
    if (ratio < 4.5) bad.push(element.textContent.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return { checked, bad };
})()`;

describe('the page of a run in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startChromium(program ?? '');
  });
  after(() => browser.close());

  function opened(t: TestContext, text: string, options?: PageOptions): Promise<BrowserPage> {
    const file = join(makeTree(t, {}), 'report.html');
    writeFileSync(file, text);
    return browser.open(file, options);
  }

  test('a click on a column sorts by it, numbers as numbers, and once more turns the order round', async (t) => {
    const sizes = [9, 1_000, 200, 30_000];
    const page = await opened(t, pageOf(sizes.map((bytes) => outcomeOf(`docs-site/f${bytes}.html`, { bytes }))));
    assert.equal(await page.evaluate(`${head(4)}.getAttribute('aria-sort')`), null);
    await page.evaluate(`${head(4)}.querySelector('button').click()`);
    assert.equal(await page.evaluate(`${head(4)}.getAttribute('aria-sort')`), 'ascending');
    assert.deepEqual(await page.evaluate(cellsOf(1)), ['f9.html', 'f200.html', 'f1000.html', 'f30000.html']);
    await page.evaluate(`${head(4)}.querySelector('button').click()`);
    assert.equal(await page.evaluate(`${head(4)}.getAttribute('aria-sort')`), 'descending');
    assert.deepEqual(await page.evaluate(cellsOf(1)), ['f30000.html', 'f1000.html', 'f200.html', 'f9.html']);
    await page.evaluate(`${head(1)}.querySelector('button').click()`);
    assert.equal(await page.evaluate(`document.querySelectorAll('[aria-sort]').length`), 1);
    assert.deepEqual(await page.evaluate(cellsOf(1)), ['f9.html', 'f200.html', 'f1000.html', 'f30000.html']);
  });

  test('the search finds rows by all of their texts, and says how many', async (t) => {
    const page = await opened(t, pageOf(siteOutcomes(10_000)));
    const shown = (): Promise<string> => page.evaluate(`document.querySelector('#shown').textContent`);
    assert.equal(await shown(), '200 shown of 10,000 objects');
    await page.press('/');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    assert.equal(await page.evaluate('document.activeElement.labels[0].textContent.trim()'), 'Search');
    await page.type('PAGE-9976. content');
    assert.equal(await shown(), '1 found of 10,000 objects');
    assert.deepEqual(await page.evaluate(`${cellsOf(1)}.length`), 1);
    await page.press('Escape');
    assert.equal(await shown(), '200 shown of 10,000 objects');
    await page.evaluate(
      `{ const choice = document.querySelector('select'); choice.value = 's-headers'; choice.dispatchEvent(new Event('change')); }`,
    );
    assert.equal(await shown(), '200 shown of 400 found of 10,000 objects');
    await page.type('nothing has this text');
    assert.equal(await shown(), '0 found of 10,000 objects');
  });

  test('every control can be reached and used with the keyboard, and the focus is seen', async (t) => {
    const page = await opened(t, pageOf(siteOutcomes(500)));
    const order: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      await page.press('Tab');
      const [name, outline] = await page.evaluate<readonly [string, string]>(
        `(() => { const one = document.activeElement; return [one.tagName + ' ' + one.textContent.trim().slice(0, 30), getComputedStyle(one).outlineStyle]; })()`,
      );
      assert.notEqual(outline, 'none', name);
      order.push(name);
      if (name.startsWith('BUTTON Show all')) break;
    }
    assert.equal(order[0], 'A Skip to the objects');
    for (const name of ['INPUT ', 'BUTTON Result', 'BUTTON Reason', 'BUTTON Show more', 'BUTTON Show all'])
      assert.ok(order.includes(name), `${name} in ${order.join(', ')}`);
    await page.press('Enter');
    assert.equal(await page.evaluate(`${ROWS}.length`), 500);
    // On the first of the rows that have come.
    assert.equal(await page.evaluate(`document.activeElement === ${ROWS}[200]`), true);
    await page.evaluate(`${head(1)}.querySelector('button').focus()`);
    await page.press(' ');
    assert.equal(await page.evaluate(`${head(1)}.getAttribute('aria-sort')`), 'ascending');
  });

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [390, 1440])
      test(`all texts have enough contrast: ${scheme}, ${width} pixels`, async (t) => {
        const statuses = [
          ...siteOutcomes(200),
          outcomeOf('docs-site/s.html', { reason: 'forced' }),
          outcomeOf('docs-site/k.html', { action: 'skip', reason: 'kept until 2026-02-01' }),
          outcomeOf('docs-site/u.html', { action: 'unknown', reason: 'PutObject was in flight' }),
        ];
        const page = await opened(t, pageOf(statuses), { scheme, width });
        const { checked, bad } = await page.evaluate<{ checked: number; bad: string[] }>(CONTRAST);
        assert.deepEqual(bad, []);
        assert.ok(checked > 500, `${checked} texts`);
        const back = await page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
        assert.equal(back === 'rgb(246, 248, 250)', scheme === 'light', back);
      });

  for (const width of [320, 390, 820, 1440])
    test(`nothing is wider than a window of ${width} pixels, whatever names objects have`, async (t) => {
      const long = `docs-site/${'a'.repeat(900)}.html`;
      const objects = [outcomeOf(long), outcomeOf(`docs-site/${'b/'.repeat(300)}c`, { cacheControl: 'x'.repeat(300) })];
      const url = `https://www.example.com/${'u'.repeat(300)}`;
      const page = await opened(t, pageOf([...siteOutcomes(60), ...objects], { url }), { width });
      // The table is laid out when it is scrolled to.
      await page.evaluate(
        `new Promise((resolve) => { document.querySelector('#objects').scrollIntoView(); requestAnimationFrame(() => requestAnimationFrame(resolve)); })`,
      );
      const [needed, there] = await page.evaluate<readonly number[]>(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      );
      assert.equal(needed, there);
    });

  test('without scripts the table has every row, and no control that does nothing', async (t) => {
    const page = await opened(t, pageOf(siteOutcomes(1_000)), { scripts: false });
    assert.equal(await page.evaluate(`${ROWS}.length`), 1_000);
    assert.equal(await page.evaluate(`${ROWS}.every((row) => row.checkVisibility())`), true);
    const seen = `[...document.querySelectorAll('input, button, select')].filter((one) => one.checkVisibility()).length`;
    assert.equal(await page.evaluate(seen), 0);
  });

  test('hostile names are only text: nothing runs, nothing is requested, and no policy is broken', async (t) => {
    const names = [
      '</script><script>window.bad = 1</script>.html',
      '"><img src=https://bad.example/x onerror="window.bad = 1">.html',
      "'><svg onload='window.bad = 1'>.svg",
      'javascript:window.bad=1',
      '&lt;b&gt;.html',
    ];
    const outcomes = names.flatMap((name) => [
      outcomeOf(`docs-site/${name}`, { cacheControl: name, contentType: name, reason: name }),
      outcomeOf(`docs-site/${name}/${name}`, { action: 'fail', error: new Error(name) }),
    ]);
    const build = {
      commit: names[0] ?? '',
      commitUrl: 'javascript:window.bad=1',
      ref: names[1] ?? '',
      runUrl: names[2] ?? '',
    };
    const page = await opened(
      t,
      pageOf(outcomes, { build, url: 'javascript:window.bad=1', error: new Error(names[0]) }),
    );
    assert.equal(await page.evaluate('window.bad'), undefined);
    assert.deepEqual(page.messages, []);
    assert.equal(page.requested.length, 1);
    assert.equal(await page.evaluate(`document.querySelectorAll('img, section script, .treemap svg').length`), 0);
    assert.equal(
      await page.evaluate(`[...document.links].filter((one) => !/^(?:https:|file:.*#)/.test(one.href)).length`),
      0,
    );
    const texts = await page.evaluate<readonly string[]>(cellsOf(1));
    for (const name of names) assert.ok(texts.includes(name), name);
  });
});
