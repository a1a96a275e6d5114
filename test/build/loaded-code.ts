import { build, type Metafile } from 'esbuild';

/** What Node reads when it imports a file of the built app, dynamic imports left out: those are read when they are used. */
export interface LoadedCode {
  /** The files of the build, the imported one first. */
  readonly files: readonly string[];
  /** The sources in those files. */
  readonly sources: readonly string[];
  readonly bytes: number;
  /** The packages that stayed outside of the build. */
  readonly packages: readonly string[];
}

const isOfNode = (path: string): boolean => path.startsWith('node:') || /^[a-z_]+(\/[a-z]+)?$/.test(path);

export const loadedBy = ({ outputs }: Metafile, entry: string): LoadedCode => {
  const files: string[] = [entry];
  const packages = new Set<string>();
  for (const file of files) {
    const output = outputs[file];
    if (output === undefined) throw new Error(`${file} is not in the build`);
    for (const { path, kind, external } of output.imports) {
      if (kind === 'dynamic-import') continue;
      if (external === true && !isOfNode(path)) packages.add(path);
      if (external !== true && !files.includes(path)) files.push(path);
    }
  }
  return {
    files,
    sources: files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})),
    bytes: files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0),
    packages: [...packages],
  };
};

/** The files and their bytes that Node reads to import packages from node_modules, whole. */
export const loadedByPackages = async (names: readonly string[]): Promise<{ files: number; bytes: number }> => {
  const contents = names.map((name) => `import '${name}';`).join('\n');
  const { metafile } = await build({
    absWorkingDir: process.cwd(),
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@azure/functions-core'],
    logLevel: 'error',
    metafile: true,
    write: false,
  });
  const files = Object.entries(metafile.inputs).filter(([path]) => path !== '<stdin>');
  return { files: files.length, bytes: files.reduce((sum, [, { bytes }]) => sum + bytes, 0) };
};
