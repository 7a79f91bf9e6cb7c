import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApi } from './open-api.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}
interface Read {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApi({ origin: 'http://localhost:8080', development: true });
const operations = Object.values(document.paths).flatMap((item) => Object.values(item)) as unknown as Read[];
const ajv = new Ajv2020({ strict: false, formats: { 'idn-email': true } });
addFormats.default(ajv);
ajv.addSchema({ $id: 'document', components: document.components });

/** Where examples stand in what is described: path and content. */
function contents(of: unknown, at: string): [string, Media][] {
  if (typeof of !== 'object' || of === null) return [];
  return Object.entries(of).flatMap(([name, value]: [string, unknown]) =>
    name === 'content'
      ? Object.values(value as Record<string, Media>).map((media): [string, Media] => [at, media])
      : contents(value, `${at}/${name}`),
  );
}

describe('the API document', () => {
  it('names each operation once, in two to four words', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9]*([A-Z][a-z0-9]*){1,3}$/.test(id))).toEqual([]);
  });

  it.each(operations.map((operation) => [operation.operationId, operation] as const))(
    'says of %s what it does, under a tag with an introduction, and each answer by its status',
    (_id, { summary, description, tags, responses }) => {
      expect(summary).toMatch(/^[A-Z][\w ]+$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      const introduced = (document.tags as { name: string; description: string }[]).filter(({ name }) =>
        tags.includes(name),
      );
      expect(introduced.map((tag) => tag.description)).toEqual([expect.stringMatching(/^[A-Z].*[.?]$/)]);
      expect(Object.keys(responses).filter((status) => !/^[1-5]\d\d$/.test(status))).toEqual([]);
    },
  );

  it('answers a sign-in in steps by a session, or by what is still missing, each by its own status', () => {
    const { responses } = operations.find(({ operationId }) => operationId === 'proveByCode') ?? {};
    const example = (status: string) =>
      contents(responses?.[status], '#').map(([, media]) => Object.keys(media.example as object));
    expect(example('201')).toEqual([['account', 'session', 'stayActiveUntil']]);
    expect(example('200')).toEqual([['purpose', 'next', 'accepts', 'endsAt']]);
  });

  it('gives an example of each body, which its schema allows', () => {
    const all = contents(document, '#');
    expect(all.length).toBeGreaterThan(100);
    for (const [at, { schema, example }] of all) {
      expect([at, example]).not.toEqual([at, undefined]);
      const fits = ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object, example);
      expect([at, fits ? '' : ajv.errorsText(), fits ? '' : example]).toEqual([at, '', '']);
    }
  });

  it('shows nothing of the aids for development where there are none', () => {
    const shown = JSON.stringify(openApi({ origin: 'https://id.example.com', development: false }));
    expect(shown).not.toContain('"/dev/');
    expect(shown).toContain('"__Host-rollcall"');
  });
});
