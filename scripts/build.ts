// Builds dist/: the command line, the library for node, and the library for browsers, as plain JavaScript with declarations; and the core of EDM.
// Usage: npm run build [-- FOLDER], by default dist.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import ts from 'typescript';
import { CORE_FILE } from '../monitors/edm/node/assets.ts';
import { compileCore } from '../monitors/edm/node/compile-core.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files are found beside the sources they belong to, from wherever the bundled code lies. */
const sourceUrls = (folder: string): Plugin => ({
  name: 'source-urls',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const from = relative(folder, path).split(sep).join('/');
      const url = `new URL(${JSON.stringify(from)}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
});

const common = (folder: string) =>
  ({
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    outdir: folder,
    packages: 'external',
    metafile: true,
    logLevel: 'warning',
  }) as const satisfies BuildOptions;

/** Everything that the outputs of a build import from outside, by output. */
const externals = ({ outputs }: Metafile): [output: string, path: string][] =>
  Object.entries(outputs).flatMap(([output, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => [output, path] as [string, string]),
  );

/**
 * Imports that no browser has.
 * @returns one line for each.
 */
export const nodeImports = (metafile: Metafile): string[] =>
  externals(metafile)
    .filter(([, path]) => path.startsWith('node:') || builtinModules.includes(path))
    .map(([output, path]) => `${output} imports ${path}`);

/** Declarations of the library's two faces. @throws Error with the compiler's messages. */
function declarations(folder: string): void {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const faces = ['index.ts', 'emulator/index.ts'].map((file) => join(ROOT, file));
  const program = ts.createProgram(faces, {
    ...options,
    ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, rewriteRelativeImportExtensions: true },
    ...{ rootDir: ROOT, outDir: join(folder, 'types') },
  });
  const { diagnostics } = program.emit();
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' };
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, host));
  ts.sys.writeFile(join(folder, 'index.d.ts'), "export * from './types/index.js';\n");
  ts.sys.writeFile(join(folder, 'browser.d.ts'), "export * from './types/emulator/index.js';\n");
}

/**
 * Builds everything into an empty folder.
 * @throws Error when the browser's face needs node, or the sources have errors.
 */
export async function buildAll(folder = join(ROOT, 'dist')): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await build({
    ...common(folder),
    entryPoints: { cli: 'cli/index.ts', index: 'index.ts' },
    platform: 'node',
    target: 'node20',
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [sourceUrls(folder)],
  });
  const browser = await build({
    ...common(folder),
    entryPoints: { browser: 'emulator/index.ts' },
    platform: 'browser',
    target: 'es2022',
  });
  const wrong = nodeImports(browser.metafile);
  if (wrong.length > 0) throw new Error(`the browser's face must not need node: ${wrong.join('; ')}`);
  declarations(folder);
  await writeFile(join(folder, CORE_FILE), await compileCore());
  await chmod(join(folder, 'cli.js'), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
  await buildAll(resolve(folder));
}
