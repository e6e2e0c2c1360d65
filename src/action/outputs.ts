import type { OutcomeAction, Report } from '../report/types.js';

/** What the outputs are made of. */
export interface OutputFacts {
  readonly report: Report | undefined;
  readonly url: string;
  readonly reportPath: string;
  /** Empty where none was written. */
  readonly reportHtml: string;
  /** Empty where none was written. */
  readonly changedPathsFile: string;
  /** Since the run began. */
  readonly durationMs: number;
}

/** An output of the Action, for later steps; all are small values. */
interface Output {
  readonly name: string;
  /** As action.yml shows it. */
  readonly description: string;
  readonly value: (facts: OutputFacts) => boolean | number | string;
}

const counted = ({ report }: OutputFacts, action: OutcomeAction): number => report?.counts[action] ?? 0;
/** What may have changed the bucket: `unknown` objects may have been stored. */
const CHANGES: readonly OutcomeAction[] = ['put', 'copy', 'metadata', 'delete', 'unknown'];

function changedByShards({ report }: OutputFacts): boolean {
  const { changed = 0, truncated = false } = report?.finish ?? {};
  return changed > 0 || truncated;
}

/** Every output, also of a failed run. action.yml is made from this table. */
export const OUTPUTS: readonly Output[] = [
  {
    name: 'changed',
    description:
      'Whether anything was uploaded, copied or deleted, got new headers, or may have been: true or false; in a dry run always false. With command: finish, by its shards too.',
    value: (facts) =>
      facts.report?.dryRun !== true && (CHANGES.some((action) => counted(facts, action) > 0) || changedByShards(facts)),
  },
  {
    name: 'put',
    description: 'Number of files that were uploaded, or in a dry run would be.',
    value: (facts) => counted(facts, 'put'),
  },
  {
    name: 'copied',
    description: 'Number of objects that were copied, or in a dry run would be.',
    value: (facts) => counted(facts, 'copy'),
  },
  {
    name: 'metadata',
    description: 'Number of objects whose headers were set without an upload, or in a dry run would be.',
    value: (facts) => counted(facts, 'metadata'),
  },
  {
    name: 'deleted',
    description: 'Number of objects that were deleted, or in a dry run would be.',
    value: (facts) => counted(facts, 'delete'),
  },
  {
    name: 'skipped',
    description:
      'Number of objects that were left unchanged, or in a dry run would be, and of entries that are not regular files.',
    value: (facts) => counted(facts, 'skip'),
  },
  { name: 'failed', description: 'Number of objects that failed.', value: (facts) => counted(facts, 'fail') },
  {
    name: 'unknown',
    description: 'Number of objects that may have been stored: their requests were in flight when the run ended.',
    value: (facts) => counted(facts, 'unknown'),
  },
  {
    name: 'strays',
    description:
      'Number of keys below the prefix that the source does not have, as far as the listing was read: all of them with delete or list-strays. Those that are deleted count too. Empty where it is unknown.',
    value: ({ report }) => report?.strays ?? '',
  },
  {
    name: 'conflicts',
    description:
      'Number of objects that another writer changed during the run, before they were overwritten or deleted.',
    value: ({ report }) => report?.conflicts ?? 0,
  },
  {
    name: 'live-check',
    description:
      'What the live check found: passed or failed; empty without verify-url, and where the run did not come that far.',
    value: ({ report }) => {
      const { failed } = report?.liveCheck ?? {};
      return failed === undefined ? '' : failed === 0 ? 'passed' : 'failed';
    },
  },
  {
    name: 'bytes',
    description: 'Bytes of what was uploaded or copied, after compression; in a dry run, of what would be.',
    value: ({ report }) => report?.bytes ?? 0,
  },
  {
    name: 'duration-ms',
    description: 'Duration of the run in milliseconds.',
    value: ({ report, durationMs }) => Math.round(report === undefined ? durationMs : report.seconds * 1_000),
  },
  { name: 'url', description: 'site-url joined with the prefix; empty without site-url.', value: ({ url }) => url },
  {
    name: 'report-path',
    description: 'File with the full report as JSON, kept until the job ends; empty if there is none.',
    value: ({ reportPath }) => reportPath,
  },
  {
    name: 'report-html',
    description:
      'File with a page about the run, beside the JSON report: one self-contained HTML file, to be uploaded as an artifact. Kept until the job ends; empty if there is none.',
    value: ({ reportHtml }) => reportHtml,
  },
  {
    name: 'changed-paths-file',
    description:
      'File with the URL paths of all that changed in the bucket, or in a dry run would, for the purge of a CDN: one a line, from the root of the bucket, percent-encoded, such as /docs/a%20b.html; index.html has the path of its folder too. With command: finish, of what its shards have changed too. Kept until the job ends; empty text if there is none.',
    value: (facts) => facts.changedPathsFile,
  },
  {
    name: 'invalidation-ids',
    description:
      'Ids of the CloudFront invalidations that were created, separated by commas; empty where nothing was invalidated.',
    value: ({ report }) => (report?.invalidations ?? []).flatMap(({ id }) => id ?? []).join(','),
  },
];

/** The URL where visitors find the put objects: the site's address with the prefix at the end of its path; empty if no address is given. */
export function urlOf(site: string | undefined, prefix: string): string {
  if (site === undefined) return '';
  const below = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(encodeURIComponent)
    .join('/');
  if (below === '') return site;
  const end = site.search(/[?#]|$/);
  return `${site.slice(0, end).replace(/(?<!\/)\/+$/, '')}/${below}/${site.slice(end)}`;
}
