import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';

export default {
  root: import.meta.dirname,
  plugins: [react()],
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
      input: { index: 'apps/console/index.html', pages: 'apps/console/src/design/pages.css' },
      // The pages of the gateway name theirs.
      output: {
        assetFileNames: ({ names: [name = ''] }) => (name === 'pages.css' ? name : 'assets/[name]-[hash][extname]'),
      },
    },
  },
  server: { port: 5173, strictPort: true },
} satisfies UserConfig;
