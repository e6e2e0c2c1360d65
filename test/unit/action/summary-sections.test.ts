import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costText, pieChart } from '../../../src/action/summary-sections.js';
import type { Report } from '../../../src/report/types.js';
import { reportOf } from './samples.js';

test('costs are estimated from the verbs', () => {
  const rows: readonly (readonly [Report['requests'], string | undefined])[] = [
    [{}, undefined],
    [{ AbortMultipartUpload: 9_000 }, undefined],
    [{ PutObject: 1_999 }, 'less than a cent (1,999 PUT, COPY, POST and LIST;'],
    [{ PutObject: 2_000 }, 'about $0.01 (2,000 PUT, COPY, POST and LIST;'],
    [{ HeadObject: 1_000_000 }, 'about $0.40 (1,000,000 GET and HEAD;'],
    [{ CopyObject: 300_000_000 }, 'about $1,500.00 (300,000,000 PUT, COPY, POST and LIST;'],
  ];
  for (const [requests, said] of rows)
    assert.equal(
      costText(requests),
      said && `Estimated cost of requests: ${said} at the prices of S3 Standard in us-east-1).`,
    );
});

test('a chart is drawn from three slices on that can be seen', () => {
  assert.equal(
    pieChart(reportOf({ counts: { put: 12, skip: 340 }, reasons: { new: 12, 'same content': 340 } })),
    undefined,
  );
  const third = (fail: number): string | undefined =>
    pieChart(reportOf({ counts: { put: 100, skip: 100, fail }, reasons: { new: 100, 'same size': 100 } }));
  assert.equal(third(1), undefined);
  assert.equal(third(5), '```mermaid\npie showData\ntitle Objects\n"new" : 100\n"unchanged" : 100\n"failed" : 5\n```');
});
