import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type FactKind, factKinds } from '../index.ts';
import { documents } from './documents.ts';
import { SCHEMAS } from './released.ts';

const root = join(SCHEMAS, '..', '..', '..');
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const { version } = read(join(root, 'package.json')) as { version: string };
const made = documents(version);
const kinds: readonly FactKind[] = Object.values(factKinds);

describe('libs/contracts/schemas', () => {
  it('holds what the code says now; npm run schemas writes it', () => {
    expect(new Set(['asyncapi.json', ...globSync('facts/*', { cwd: SCHEMAS })])).toEqual(new Set(made.keys()));
    for (const [file, text] of made)
      expect({ file, text: readFileSync(join(SCHEMAS, file), 'utf8') }).toEqual({ file, text });
  });

  it.each(kinds)(
    '$name has an example that its schema takes, and a reader may meet fields it does not know',
    ({ name, example }) => {
      const takes = formats
        .default(new Ajv2020({ strict: false }))
        .compile(read(join(SCHEMAS, 'facts', `${name}.json`)) as object);
      expect(takes(example) || takes.errors).toBe(true);
      expect(takes({ ...(example as object), unheardOf: 1 })).toBe(true);
      expect(takes({})).toBe(false);
    },
  );

  it('describes the bus in AsyncAPI 3', () => {
    const valid = formats
      .default(new Ajv({ strict: false, meta: false, validateSchema: false }))
      .compile(read(join(root, 'node_modules/@asyncapi/specs/schemas/3.0.0.json')) as object);
    expect(valid(JSON.parse(made.get('asyncapi.json') ?? '')) || valid.errors).toBe(true);
  });

  it('gives each message of the bus headers and a payload that its own schemas take', () => {
    const { components } = JSON.parse(made.get('asyncapi.json') ?? '') as {
      components: {
        messages: Record<string, { payload: object; examples: { headers: object; payload: object }[] }>;
        schemas: { headers: object };
      };
    };
    const ajv = formats.default(new Ajv({ strict: false }));
    const headers = ajv.compile(components.schemas.headers);
    expect(Object.keys(components.messages)).toEqual(kinds.map(({ name }) => name));
    for (const {
      payload,
      examples: [example],
    } of Object.values(components.messages)) {
      expect(headers(example?.headers) || headers.errors).toBe(true);
      expect(ajv.validate(payload, example?.payload)).toBe(true);
    }
  });
});
