import { describe, expect, test } from 'vitest';
import { bundleApp, outside } from '../../local/bundle.ts';
import { type LoadedCode, loadedBy, loadedByPackages } from './loaded-code.ts';

// How much code an instance loads before its first tick or delivery. Only counts, which are the same on every machine;
// `npm run bench:load` measures the time. Where a bound is passed on purpose, raise it in the same commit and say why.

const { metafile } = await bundleApp();
const entryPoints = Object.keys(metafile.outputs).filter((file) => /^dist\/functions\/[\w-]+\.js$/.test(file));
const storageSdks = await loadedByPackages(['@azure/data-tables', '@azure/storage-queue']);

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1000);

/** The built files, and those of the packages that stayed outside of the build. */
const whole = async (loaded: LoadedCode) => {
  const outside = await loadedByPackages(loaded.packages);
  return {
    files: loaded.files.length + outside.files,
    modules: loaded.sources.length + outside.files,
    kilobytes: kilobytes(loaded.bytes + outside.bytes),
  };
};

const bounds = { files: 12, modules: 620, kilobytes: 2100 };

describe.each(['tick', 'deliver', 'work'])('what %s loads', (name) => {
  const loaded = loadedBy(metafile, `dist/functions/${name}.js`);

  test('stays within the committed bounds', async () => {
    const { files, modules, kilobytes } = await whole(loaded);
    expect(files, 'files that Node reads').toBeLessThanOrEqual(bounds.files);
    expect(modules, 'modules in them').toBeLessThanOrEqual(bounds.modules);
    expect(kilobytes, 'kilobytes of code').toBeLessThanOrEqual(bounds.kilobytes);
  });

  test('is far fewer files than the storage SDKs alone would be in node_modules', async () => {
    expect((await whole(loaded)).files).toBeLessThan(storageSdks.files / 20);
  });

  test('is without HTTP, pages, sign-in and documents', () => {
    const strangers = loaded.sources.filter(
      (source) => forbidden.some((pattern) => pattern.test(source)) || isOfIdentity(source),
    );
    expect(strangers).toEqual([]);
  });

  test('leaves one package outside, that of the platform', () => {
    expect(loaded.packages).toEqual(['@azure/functions']);
    expect(outside).toEqual(['@azure/functions', '@azure/functions-core']);
  });
});

const isOfIdentity = (source: string): boolean => /@azure\/(identity|msal[\w-]*)\//.test(source);

/** What no timer and no queue function needs. Some of it is still to come. */
const forbidden = [
  /^shared\/http\//,
  /portal|\/pages?\/|\.html$|\.css$/,
  /jose|jsonwebtoken|\bjw[kst]\b|sign-?in|openid/,
  /openapi|swagger/,
];

describe('every function', () => {
  test('loads the identity library only when it is used', () => {
    expect(entryPoints).toContain('dist/functions/tick.js');
    const eager = entryPoints.filter((entry) => loadedBy(metafile, entry).sources.some(isOfIdentity));
    expect(eager).toEqual([]);
  });

  // The platform's worker imports the file of each function on every instance, whichever it will run there.
  test('is within the committed bound, together with all others', () => {
    const files = new Set(entryPoints.flatMap((entry) => loadedBy(metafile, entry).files));
    const bytes = [...files].reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0);
    expect(kilobytes(bytes)).toBeLessThanOrEqual(2000);
  });

  test('finds the identity library in a chunk that nothing else is in', () => {
    const [chunk, ...others] = Object.values(metafile.outputs).filter(({ entryPoint }) =>
      /@azure\/identity\//.test(entryPoint ?? ''),
    );
    expect(others).toEqual([]);
    expect(Object.keys(chunk?.inputs ?? {}).filter((source) => !source.startsWith('node_modules/'))).toEqual([]);
  });
});

test('each package is in the build once', () => {
  const roots = new Map<string, Set<string>>();
  for (const source of Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
    const [, root = '', name = ''] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(source) ?? [];
    if (name !== '') roots.set(name, (roots.get(name) ?? new Set()).add(root));
  }
  expect([...roots].filter(([, places]) => places.size > 1)).toEqual([]);
  const luxon = Object.keys(metafile.inputs).filter((source) => source.includes('node_modules/luxon/'));
  expect(luxon).toHaveLength(1);
});
