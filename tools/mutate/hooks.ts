import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { type Options, transformSync } from '@swc/core';
import config from '../../jest.config.ts';
import { mutate } from './mutants.ts';

const [target = ''] = process.argv.slice(2);
const TARGET = pathToFileURL(resolve(target)).href;
const [, options] =
  (config.projects?.[0] as { transform: Record<string, [string, Options]> }).transform['^.+\\.ts$'] ?? [];

// Sources as Jest would have them, the one in question with its mutants inside.
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    return {
      format: 'module',
      shortCircuit: true,
      source: transformSync(url === TARGET ? mutate(text).code : text, {
        ...options,
        filename: fileURLToPath(url),
        swcrc: false,
        configFile: false,
      }).code,
    };
  },
});
