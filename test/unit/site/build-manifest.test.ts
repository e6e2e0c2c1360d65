import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hashedNamesIn, isBuildManifest } from '../../../src/site/build-manifest.js';

interface Row {
  readonly tool: string;
  readonly path: string;
  readonly manifest: unknown;
  /** Base names that count as hashed. */
  readonly hashed: readonly string[];
}

// The manifests were made by builds, and shortened.
const ROWS: readonly Row[] = [
  {
    tool: 'Vite 8',
    path: 'site/.vite/manifest.json',
    manifest: {
      'index.html': {
        file: 'assets/index-DGapdVzH.js',
        name: 'index',
        src: 'index.html',
        isEntry: true,
        dynamicImports: ['src/about.js'],
        css: ['assets/index-BakPCtu0.css'],
        assets: ['assets/hero-portrait-4Zm0OckE.png', 'assets/user-settings.png'],
      },
      'src/about.js': { file: 'assets/about-4JeDuTcj.js', name: 'about', css: ['assets/about-aI-KMijL.css'] },
      'src/hero-portrait.png': { file: 'assets/hero-portrait-4Zm0OckE.png', src: 'src/hero-portrait.png' },
      '_shared-B7PI925R.js': { file: 'assets/shared-B7PI925R.js', name: 'shared' },
      'src/plain.ts': { file: 'assets/plain.js', name: 'plain', css: ['assets/plain.css'] },
    },
    hashed: [
      'about-4JeDuTcj.js',
      'about-aI-KMijL.css',
      'hero-portrait-4Zm0OckE.png',
      'index-BakPCtu0.css',
      'index-DGapdVzH.js',
      'shared-B7PI925R.js',
    ],
  },
  {
    tool: 'webpack-manifest-plugin',
    path: 'manifest.json',
    manifest: {
      'main.css': '/static/main.315c525c.css',
      'main.js': 'https://cdn.example.com/x/main.26615361.js?v=1',
      '820.324df592.css': '820.324df592.css',
      'font.woff2': '8badb4d0f2b8a1512f2f.woff2',
      'favicon.ico': 'favicon.ico',
      'main.js.map': 'main.c00c1e76.js.map',
      'index.html': 'index.html',
    },
    hashed: ['820.324df592.css', '8badb4d0f2b8a1512f2f.woff2', 'main.26615361.js', 'main.315c525c.css'],
  },
  {
    tool: 'Create React App',
    path: 'asset-manifest.json',
    manifest: {
      files: {
        'main.css': '/static/css/main.073c9b0a.css',
        'main.js': '/static/js/main.2661536e.js',
        'static/js/453.99468578.chunk.js': '/static/js/453.99468578.chunk.js',
        'static/js/787.f3ab2c91.chunk.js': '/static/js/787.f3ab2c91.chunk.js',
        'static/media/logo.svg': '/static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg',
        'favicon.ico': '/favicon.ico',
        'index.html': '/index.html',
        'main.2661536e.js.map': '/static/js/main.2661536e.js.map',
      },
      entrypoints: ['static/css/main.073c9b0a.css', 'static/js/main.2661536e.js'],
    },
    hashed: [
      '787.f3ab2c91.chunk.js',
      'logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg',
      'main.073c9b0a.css',
      'main.2661536e.js',
    ],
  },
  {
    tool: 'webpack: statistics',
    path: 'build/stats.json',
    manifest: {
      assets: [
        { name: 'static/12345678.js', info: { immutable: true } },
        { name: 'static/12345678.js.map', info: { immutable: true } },
        { name: 'user-settings.js', info: {} },
        { name: 'index.html', info: {} },
      ],
      assetsByChunkName: { app: ['app-0a1b2c3d4e5f60718293.js', 'app.css'], other: 'other.99468578.js' },
    },
    hashed: ['12345678.js', 'app-0a1b2c3d4e5f60718293.js', 'other.99468578.js'],
  },
  {
    tool: 'esbuild',
    path: 'meta.json',
    manifest: {
      inputs: {},
      outputs: {
        'out/hero-portrait-NJDHDRRJ.png': { inputs: { 'src/hero-portrait.png': {} } },
        'out/main-GP6RZEG5.js': {
          entryPoint: 'src/main.js',
          cssBundle: 'out/main-CRTYQLNA.css',
          inputs: { 'src/style.css': {}, 'src/main.js': {} },
        },
        'out/main-CRTYQLNA.css': { inputs: { 'src/style.css': {}, 'src/about.css': {} } },
        'out/chunk-YUFVVVWN.js': { inputs: { 'src/shared.js': {} } },
        'out/plain.js': { entryPoint: 'src/plain.js', inputs: { 'src/plain.js': {} } },
      },
    },
    hashed: ['chunk-YUFVVVWN.js', 'hero-portrait-NJDHDRRJ.png', 'main-CRTYQLNA.css', 'main-GP6RZEG5.js'],
  },
  {
    tool: 'Next.js',
    path: '.next/build-manifest.json',
    manifest: {
      polyfillFiles: ['static/chunks/polyfills-42372ed130431b0a.js'],
      lowPriorityFiles: ['static/5bmi6OG1MmX2cygAAGyby/_buildManifest.js'],
      rootMainFiles: ['static/chunks/main.js'],
      pages: { '/_app': ['static/chunks/framework-244f580fb294f19a.js'] },
    },
    hashed: ['framework-244f580fb294f19a.js', 'polyfills-42372ed130431b0a.js'],
  },
  {
    tool: 'a web app',
    path: 'manifest.json',
    manifest: {
      name: 'Harbour',
      short_name: 'Harbour-Map',
      theme_color: '#1a2b3c4d',
      start_url: '/?id=1a2b3c4d',
      icons: [{ src: 'icon-1a2b3c4d.png' }],
      file: 'x',
    },
    hashed: [],
  },
];

describe('a build manifest', () => {
  for (const { tool, path, manifest, hashed } of ROWS) {
    test(`of ${tool} names as hashed`, () => {
      assert.equal(isBuildManifest(path), true);
      assert.deepEqual([...hashedNamesIn(path, JSON.stringify(manifest))].sort(), hashed);
    });
  }

  test('of Next.js that is a script', () => {
    const path = 'static/abc/_buildManifest.js';
    const script =
      'self.__BUILD_MANIFEST=function(s){return{"/":[s,"static\\u002Fchunks\\u002Fpages\\u002Findex-b792b70cc9d88eb6.js","static/css/user-settings.css"]}}("static/chunks/972-fe008c56cc430895.js"),self.__BUILD_MANIFEST_CB();';
    assert.equal(isBuildManifest(path), true);
    assert.deepEqual([...hashedNamesIn(path, script)].sort(), ['972-fe008c56cc430895.js', 'index-b792b70cc9d88eb6.js']);
  });

  test('is known by its name', () => {
    for (const path of [
      'package.json',
      'data/my-manifest.json',
      'manifest.webmanifest',
      'meta.json.gz',
      '_app/version.json',
    ])
      assert.equal(isBuildManifest(path), false, path);
  });

  test('may be broken, or anything else, and then names nothing', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{"files":[]}',
      '{"outputs":{"a":null}}',
      '{"pages":1}',
      '{"assets":[1,null]}',
    ])
      assert.deepEqual([...hashedNamesIn('manifest.json', text)], [], text);
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('files', 'outputs', 'assets', 'pages', 'assetsByChunkName'),
        (json, key) => {
          hashedNamesIn('manifest.json', json);
          hashedNamesIn('manifest.json', `{"${key}":${json}}`);
        },
      ),
    );
  });
});
