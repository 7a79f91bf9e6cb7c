/** What is read of a JSON Schema, as zod writes it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

const FORMATS: Readonly<Record<string, string>> = {
  'uuid': '01890a5d-ac96-774b-bcce-b302099a8057',
  'date-time': '2026-11-29T12:00:00.000Z',
};

/** An example of what a schema allows: what it names itself, else the plainest; of an object what it must have. */
export function exampleOf(schema: JsonSchema): unknown {
  const { type, format = '', items, anyOf, properties = {}, required = [] } = schema;
  if ('const' in schema) return schema.const;
  const named = schema.examples?.[0] ?? schema.default ?? schema.enum?.[0];
  if (named !== undefined) return named;
  if (anyOf?.[0]) return exampleOf(anyOf[0]);
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {})]));
    case 'array':
      return items ? [exampleOf(items)] : [];
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return FORMATS[format] ?? 'text';
  }
}
