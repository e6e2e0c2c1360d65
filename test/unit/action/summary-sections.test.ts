import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { costText, largestTable } from '../../../src/action/summary-sections.js';
import type { Report } from '../../../src/report/types.js';
import { put } from './samples.js';

test('costs are estimated from the verbs, from a cent on', () => {
  const rows: readonly (readonly [Report['requests'], string | undefined])[] = [
    [{}, undefined],
    [{ AbortMultipartUpload: 9_000 }, undefined],
    [{ PutObject: 1_999 }, undefined],
    [{ PutObject: 2_000 }, 'about $0.01 (2,000 PUT, COPY, POST and LIST;'],
    [{ HeadObject: 1_000_000 }, 'about $0.40 (1,000,000 GET and HEAD;'],
    [{ PutObject: 10_000, HeadObject: 10_000 }, 'about $0.05 (10,000 PUT, COPY, POST and LIST; 10,000 GET and HEAD;'],
    [{ CopyObject: 300_000_000 }, 'about $1,500.00 (300,000,000 PUT, COPY, POST and LIST;'],
  ];
  for (const [requests, said] of rows)
    assert.equal(
      costText(requests),
      said && `Estimated cost of requests: ${said} at the prices of S3 Standard in us-east-1).`,
    );
});

test('large files are listed where the list of changes is folded', () => {
  const all = summarizeOutcomes();
  all.add(put('film.mp4', { bytes: 20_000_000 }));
  for (let index = 0; index < 11; index += 1) all.add(put(`${index}.html`));
  assert.equal(largestTable(all.summary(), 'file'), undefined, 'a short list shows all sizes');
  all.add(put('11.html'));
  assert.equal(
    largestTable(all.summary(), 'file'),
    '<details><summary>Largest files</summary>\n\n<table>\n<tr><th>Key</th><th>Size</th></tr>\n<tr><td><code>film.mp4</code></td><td>20.0 MB</td></tr>\n</table>\n\n</details>',
  );
});
