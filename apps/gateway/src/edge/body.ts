import type { FieldProblem } from '#contracts';
import { Problem } from '#platform';

/** Reads JSON, and nothing that only looks like it. @throws Problem: 400 */
export function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw malformed('The body is not UTF-8. Encode it as UTF-8 and send it again.');
  }
  try {
    return text.includes('__proto__') || text.includes('\\u') ? (JSON.parse(text, refusePrototype) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw malformed('The body is not JSON. Check brackets, quotes and commas.');
  }
}

function refusePrototype(name: string, value: unknown) {
  if (name === '__proto__') throw malformed('The body has a field "__proto__", which no request needs.', [{ pointer: '/__proto__', detail: 'is not allowed' }]);
  return value;
}

const malformed = (detail: string, fields: readonly FieldProblem[] = [{ pointer: '', detail }]) => new Problem('request/invalid', detail, { fields });

