import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

// A browser by the DevTools protocol, over a pipe: https://chromedevtools.github.io/devtools-protocol/

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The program of a Chromium on this machine; undefined without one. */
export function findChromium(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  return undefined;
}

/** How a page is opened. */
export interface PageOptions {
  /** @default 'light' */
  readonly scheme?: 'light' | 'dark';
  /** Of the window, in pixels. @default 1440 */
  readonly width?: number;
  /** Whether the page's own scripts run. @default true */
  readonly scripts?: boolean;
}

export interface BrowserPage {
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses and releases a key, such as `Tab`, `Enter` or `a`. */
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  /** The addresses of everything that the page has requested. */
  readonly requested: readonly string[];
  /** What its console says, errors of the policy among it. */
  readonly messages: readonly string[];
}

export interface Browser {
  open(file: string, options?: PageOptions): Promise<BrowserPage>;
  close(): Promise<void>;
}

type Params = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: Params) => void;
  readonly reject: (error: Error) => void;
}

function textOf(object: unknown, name: string): string {
  return String((object as Params | undefined)?.[name]);
}

const KEYS: Readonly<Record<string, Params>> = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Escape: { key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 27 },
  ' ': { key: ' ', code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
};

export async function startChromium(program: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 's3pp-chromium-'));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn(program, [...args, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const [toBrowser, fromBrowser] = [child.stdio[3] as Duplex, child.stdio[4] as Readable];
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(answer: Answer) => void>();
  let last = 0;
  let text = '';
  const fail = (): void => {
    for (const { reject } of waiting.values()) reject(new Error('The browser has ended.'));
    waiting.clear();
  };
  toBrowser.on('error', fail);
  child.once('error', fail);
  child.once('close', fail);
  fromBrowser.setEncoding('utf8').on('data', (more: string) => {
    const messages = (text + more).split('\0');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      for (const listener of listeners) listener(answer);
      const waits = waiting.get(answer.id ?? 0);
      if (waits === undefined) continue;
      waiting.delete(answer.id ?? 0);
      if (answer.error === undefined) waits.resolve(answer.result ?? {});
      else waits.reject(new Error(answer.error.message));
    }
  });
  const send = (method: string, params: Params = {}, sessionId?: string): Promise<Params> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      toBrowser.write(`${JSON.stringify({ id: last, method, params, ...(sessionId && { sessionId }) })}\0`);
    });

  return {
    async open(file, { scheme = 'light', width = 1440, scripts = true } = {}) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const call = (method: string, params?: Params): Promise<Params> => send(method, params, String(sessionId));
      const requested: string[] = [];
      const messages: string[] = [];
      const loaded = new Promise<void>((resolve) => {
        listeners.add(({ method, params, sessionId: from }) => {
          if (from !== sessionId) return;
          if (method === 'Page.loadEventFired') resolve();
          if (method === 'Network.requestWillBeSent') requested.push(textOf(params?.request, 'url'));
          if (method === 'Log.entryAdded') messages.push(textOf(params?.entry, 'text'));
          if (method === 'Runtime.exceptionThrown') messages.push(JSON.stringify(params));
        });
      });
      for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await call(`${domain}.enable`);
      await call('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      if (!scripts) await call('Emulation.setScriptExecutionDisabled', { value: true });
      await call('Page.navigate', { url: pathToFileURL(file).href });
      await loaded;
      return {
        requested,
        messages,
        async evaluate<T>(expression: string): Promise<T> {
          const { result, exceptionDetails } = await call('Runtime.evaluate', {
            ...{ expression, returnByValue: true, awaitPromise: true },
          });
          if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
          return (result as { readonly value: T }).value;
        },
        async press(key) {
          const of = KEYS[key] ?? { key, text: key };
          await call('Input.dispatchKeyEvent', { type: 'keyDown', ...of });
          await call('Input.dispatchKeyEvent', { type: 'keyUp', ...of, text: undefined });
        },
        async type(words) {
          await call('Input.insertText', { text: words });
        },
      };
    },
    async close() {
      await send('Browser.close').catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
