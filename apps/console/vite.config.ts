import { existsSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';

/** Of the gateway's own pages: no part of the console. */
const PAGES = 'apps/console/src/design/pages.css';

/** What the libraries' one face names though the first page does not use it. */
const LATER = /\/(useQueries|queriesObserver|useMutation|mutationObserver|useBlocker)\.js$/;

interface Graph {
  getModuleInfo: (id: string) => { readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}
const first = new Map<string, boolean>();

/** Whether the entry needs a module without being asked to load more: by static imports alone. */
function isFirst(id: string, graph: Graph): boolean {
  const known = first.get(id);
  if (known !== undefined) return known;
  first.set(id, false);
  const module = graph.getModuleInfo(id);
  const is =
    module !== null &&
    !id.endsWith(PAGES) &&
    !LATER.test(id) &&
    (module.isEntry || module.importers.some((importer) => isFirst(importer, graph)));
  first.set(id, is);
  return is;
}

/** Each picture from its own file: through the one that names them all, every page's would be the first page's. */
const icons: Plugin = {
  name: 'icons',
  enforce: 'pre',
  transform: (code) =>
    code.replaceAll(/import \{([^}]+)\} from 'lucide-react';/g, (_, names: string) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type '))
        // Some have an older name, too, and no file of it.
        .map((name) =>
          existsSync(`node_modules/lucide-react/dist/esm/icons/${dashed(name)}.mjs`)
            ? `import ${name} from 'lucide-react/icons/${dashed(name)}';`
            : `import { ${name} } from 'lucide-react';`,
        )
        .join(' '),
    ),
};
const dashed = (name: string) => name.replaceAll(/(?<=.)(?=[A-Z]|(?<=[a-z])\d)/g, '-').toLowerCase();

export default {
  root: import.meta.dirname,
  plugins: [icons, react()],
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'es2024',
    // Everything is a file of its own: `data:` is for pictures alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: 'apps/console/index.html', pages: PAGES },
      // The pages of the gateway name theirs.
      output: {
        // What the first page needs is one file: many small ones are larger together, and wait for each other.
        codeSplitting: {
          groups: [{ debugName: 'first', name: (id, context) => (isFirst(id, context) ? 'first' : null) }],
        },
        assetFileNames: ({ names: [name = ''] }) => (name === 'pages.css' ? name : 'assets/[name]-[hash][extname]'),
      },
    },
  },
  server: { port: 5173, strictPort: true },
} satisfies UserConfig;
