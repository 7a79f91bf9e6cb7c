import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApi } from '#contracts';

/** An answer, read. */
interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const document = openApi({ origin: 'http://localhost:8080', development: true });
const ajv = new Ajv2020({ strict: false, formats: { 'idn-email': true } });
addFormats.default(ajv, ['uuid', 'date', 'date-time']);
ajv.addSchema({ $id: 'document', components: document.components });

const paths = Object.entries(document.paths).map(([path, operations]) => ({
  operations,
  fits: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  // As with the router: what is spelt out goes before what is a parameter.
  parameters: path.split('{').length,
}));
paths.sort((a, b) => a.parameters - b.parameters);

const validators = new Map<string, ValidateFunction>();

/**
 * Holds an answer of the public port against the document.
 * @param accept of the request: who asks for a page gets one, of which the document says nothing.
 * @returns what does not fit; undefined where all does, or where the address is none of the API.
 */
export function unlikeDocument(
  method: string,
  address: string,
  { status, headers, body }: Said,
  accept = '',
): string | undefined {
  const path = address.split('?', 1)[0] ?? '';
  const asked = `${method} ${path} → ${status}`;
  const operations = paths.find(({ fits }) => fits.test(path))?.operations;
  if (!operations || method === 'HEAD' || accept.includes('text/html')) return undefined;
  if (!headers.has('x-request-id')) return `${asked}: no X-Request-Id`;
  const operation = operations[method.toLowerCase()];
  if (!operation) return status === 405 && !headers.has('allow') ? `${asked}: no Allow` : undefined;
  const described = operation.responses[status];
  if (!described) return `${asked}: this status is not in the document`;
  const response =
    '$ref' in described ? document.components.responses[described.$ref.split('/').at(-1) ?? ''] : described;
  for (const [name, { required }] of Object.entries(response?.headers ?? {}))
    if (required && !headers.has(name)) return `${asked}: no ${name}`;
  const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
  if (!response?.content) return body === '' ? undefined : `${asked}: a body, where the document has none`;
  const schema = response.content[type]?.schema;
  if (!schema) return `${asked}: ${type} is not in the document`;
  const of = `${operation.operationId} ${status} ${type}`;
  const validate =
    validators.get(of) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object);
  validators.set(of, validate);
  return validate(body) ? undefined : `${asked}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`;
}
