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
  },
  server: { port: 5173, strictPort: true },
} satisfies UserConfig;
