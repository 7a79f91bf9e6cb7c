/** Something that a stranger may send, by name. Bytes are made when they are sent: all at once they would fill this process. */
export interface HostileBody {
  readonly name: string;
  readonly bytes: () => Buffer;
}

const body = (name: string, make: () => string | Buffer): HostileBody => ({
  name,
  bytes: () => {
    const made = make();
    return Buffer.isBuffer(made) ? made : Buffer.from(made);
  },
});
const list = (count: number, of: string) => `[${Array.from({ length: count }, () => of).join(',')}]`;
const deep = (count: number, open = '[', close = ']') => open.repeat(count) + close.repeat(count);
const circuit = (gates: string, qubits = 2, more = '') =>
  `{"type":"ionq.circuit.v1","backend":"simulator","shots":100,"input":{"gateset":"qis","qubits":${qubits},"circuit":${gates}}${more}}`;
const gate = (more: string) => circuit(`[{"gate":"pauliexp",${more}}]`);
const X = '{"gate":"x","target":0}';

/** The most hostile bodies that we can think of: long, deep, wide, false, and work that no count bounds. */
export const BODIES: readonly HostileBody[] = [
  body('200,000 terms', () =>
    gate(`"targets":[0,1],"terms":${list(200_000, '"XX"')},"coefficients":${list(200_000, '1')},"time":1`),
  ),
  body('6,000 terms', () =>
    gate(`"targets":[0,1],"terms":${list(6_000, '"XY"')},"coefficients":${list(6_000, '0.5')},"time":1`),
  ),
  body('a term of a million letters', () =>
    gate(`"targets":[0,1],"terms":["${'X'.repeat(1_000_000)}"],"coefficients":[1],"time":1`),
  ),
  body('130,000 targets', () => circuit(`[{"gate":"x","targets":${list(130_000, '0')}}]`)),
  body('130,000 controls', () => circuit(`[{"gate":"x","target":0,"controls":${list(130_000, '1')}}]`)),
  body('150,001 gates', () => circuit(list(150_001, X))),
  body('150,000 gates on 20 qubits', () => circuit(list(150_000, X), 20)),
  body('20,000 gates on 25 qubits', () => circuit(list(20_000, X), 25)),
  body('gates with wrong names', () => circuit(list(100_000, '{"gate":"nope","target":0}'))),
  body('gates with a name of 100,000 letters', () => circuit(`[{"gate":"${'g'.repeat(100_000)}","target":0}]`)),
  body(
    '5,001 circuits',
    () => `{"type":"ionq.multi-circuit.v1","input":{"circuits":${list(5_001, `{"circuit":[${X}]}`)}}}`,
  ),
  body(
    '5,000 circuits of 20 qubits',
    () => `{"type":"ionq.multi-circuit.v1","input":{"qubits":20,"circuits":${list(5_000, `{"circuit":[${X}]}`)}}}`,
  ),
  body('100,000 empty circuits', () => `{"type":"ionq.multi-circuit.v1","input":{"circuits":${list(100_000, '{}')}}}`),
  body(
    'phases beyond numbers',
    () =>
      `{"type":"ionq.circuit.v1","input":{"gateset":"native","qubits":1,"circuit":[{"gate":"gpi","target":0,"phase":1e308}]}}`,
  ),
  body('a rotation beyond numbers', () => circuit('[{"gate":"rx","target":0,"rotation":1e309}]')),
  body('a digit a million times', () => circuit(`[{"gate":"rx","target":0,"rotation":${'9'.repeat(1_000_000)}}]`)),
  body('shots beyond numbers', () => circuit(`[${X}]`, 2, `,"shots":"${'9'.repeat(100_000)}"`)),
  body('metadata nested 7,000 deep', () => circuit(`[${X}]`, 2, `,"metadata":{"a":${deep(7_000)}}`)),
  body('metadata of 9 MB', () => circuit(`[${X}]`, 2, `,"metadata":{"a":"${'m'.repeat(9_000_000)}"}`)),
  body('metadata of 300,000 names', () =>
    circuit(`[${X}]`, 2, `,"metadata":{${Array.from({ length: 300_000 }, (_, n) => `"n${n}":1`).join(',')}}`),
  ),
  body('a name of 5 MB', () => circuit(`[${X}]`, 2, `,"name":"${'n'.repeat(5_000_000)}"`)),
  body('a name with NUL', () => circuit(`[${X}]`, 2, ',"name":"a\\u0000b"')),
  body('a noise model of 100,000 letters', () => circuit(`[${X}]`, 2, `,"noise":{"model":"${'a'.repeat(100_000)}"}`)),
  body('an unknown backend of 1 MB', () => circuit(`[${X}]`, 2).replace('"simulator"', `"${'b'.repeat(1_000_000)}"`)),
  body('29 qubits with noise', () => circuit(list(2_000, X), 29, ',"shots":1000000,"noise":{"model":"forte-1"}')),
  body('escapes and empty lists, 9.6 MB', () => `{"a":"\\u0041","x":${list(3_200_000, '[]')}}`),
  body('escapes and small objects, 9 MB', () => `{"a":"\\u0041","x":${list(1_500_000, '{"":0}')}}`),
  body('nested 5,000,000 deep', () => deep(5_000_000)),
  body('nested 100,000 deep', () => `{"a":${deep(100_000)}}`),
  body('objects nested 100,000 deep', () => deep(100_000, '{"a":', '}').replace('}', '0}')),
  body('never closed', () => '['.repeat(900_000)),
  body('nine million digits', () => '1'.repeat(9_000_000)),
  body('blanks', () => `${' '.repeat(900_000)}{}`),
  body('a string never closed', () => `{"a":"${'x'.repeat(900_000)}`),
  body('80,000 unknown fields', () => `{${Array.from({ length: 80_000 }, (_, n) => `"f${n}":1`).join(',')}}`),
  body('1,000 unknown fields', () => `{${Array.from({ length: 1_000 }, (_, n) => `"f${n}":1`).join(',')}}`),
  body('the same field 80,000 times', () => `{${Array.from({ length: 80_000 }, () => '"name":"a"').join(',')}}`),
  body('a field name of 900 kB', () => `{"${'f'.repeat(900_000)}":1}`),
  body('__proto__', () => '{"__proto__":{"admin":true}}'),
  body('__proto__, escaped', () => '{"\\u005f_proto__":{"admin":true}}'),
  body('constructor', () => '{"constructor":{"prototype":{"admin":true}}}'),
  body('an address of 900 kB', () => `{"email":"${'a'.repeat(900_000)}@example.com"}`),
  body('an address of many dots', () => `{"email":"${'a.'.repeat(5_000)}a@${'b.'.repeat(5_000)}com"}`),
  body('a password of 900 kB', () => `{"email":"ada@example.com","password":"${'p'.repeat(900_000)}"}`),
  body('a token of 900 kB', () => `{"token":"${'t'.repeat(900_000)}","name":"a","password":"a long walk in the rain"}`),
  body('a secret of 900 kB', () => `{"secret":"${'rck_'.repeat(225_000)}"}`),
  body('a name of 900 kB of marks', () => `{"name":"${'\u0301'.repeat(400_000)}"}`),
  body('a name that turns', () => '{"name":"\u202edrowssap"}'),
  body('a name with a half character', () => '{"name":"\\ud800"}'),
  body('a name with NUL, plain', () => '{"name":"a\\u0000b","email":"a\\u0000b@example.com"}'),
  body('100,000 ids', () => `{"ids":${list(100_000, '"00000000-0000-4000-8000-000000000000"')}}`),
  body(
    '100,000 scopes',
    () => `{"name":"a","projectId":"00000000-0000-4000-8000-000000000000","scopes":${list(100_000, '"jobs:read"')}}`,
  ),
  body(
    '100,000 addresses',
    () => `{"name":"a","projectId":"00000000-0000-4000-8000-000000000000","addresses":${list(100_000, '"10.0.0.1"')}}`,
  ),
  body(
    '100,000 projects',
    () =>
      `{"email":"a@example.com","role":"member","projectIds":${list(100_000, '"00000000-0000-4000-8000-000000000000"')}}`,
  ),
  body('a list', () => '[]'),
  body('null', () => 'null'),
  body('a number', () => '1e400'),
  body('no JSON', () => '<xml/>'),
  body('no UTF-8', () =>
    Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe, 0xc0, 0xaf]), Buffer.from('"}')]),
  ),
  body('half of a character', () => Buffer.from([0x7b, 0x22, 0xe2, 0x82])),
  body('a mark before', () => `\ufeff{}`),
  body('a megabyte of zeros', () => Buffer.alloc(900_000)),
  body('nothing', () => ''),
];

/** The same for headers: name, value. */
export const HEADERS: readonly (readonly [string, string])[] = [
  ['authorization', 'Bearer '.padEnd(15_000, 'k')],
  ['authorization', `apiKey rck_${'A'.repeat(22)}_${'A'.repeat(43)}_AAAAAA`],
  ['authorization', 'Basic YTpi'],
  ['authorization', '\u00ff\u00fe'],
  ['cookie', Array.from({ length: 1_500 }, (_, n) => `a${n}=b`).join('; ')],
  ['cookie', `rollcall-8080=${'x'.repeat(14_000)}`],
  ['cookie', ';'.repeat(14_000)],
  ['idempotency-key', 'i'.repeat(14_000)],
  ['rollcall-seen', 's'.repeat(14_000)],
  ['rollcall-seen', Array.from({ length: 3_000 }, () => 'a:1').join(',')],
  ['x-forwarded-for', Array.from({ length: 2_500 }, () => '1.1.1.1').join(',')],
  ['traceparent', '00-'.repeat(4_000)],
  ['accept', '*/*,'.repeat(3_500)],
  ['content-type', `application/json;${'a=b;'.repeat(3_000)}`],
  ['x-request-id', 'r'.repeat(14_000)],
  ['origin', 'http://'.padEnd(14_000, 'o')],
  ['range', `bytes=${'0-1,'.repeat(3_000)}`],
  ['x-huge', 'h'.repeat(40_000)],
  ['expect', '100-continue'],
  ['transfer-encoding', 'gzip, chunked'],
];

/** And for what stands behind the path of an address. */
export const QUERIES: readonly string[] = [
  `?${'a=1&'.repeat(3_000)}`,
  `?ids=${'00000000-0000-4000-8000-000000000000,'.repeat(300)}`,
  `?${'ids=a&'.repeat(2_000)}`,
  `?limit=${'9'.repeat(10_000)}`,
  '?after=%00%ff%fe',
  `?next=${'n'.repeat(10_000)}`,
  '?limit=-1',
  '?limit=1e9',
  `?${'%'.repeat(10_000)}`,
  `?scope=${'a:b,'.repeat(2_000)}`,
  `?${'[a]'.repeat(3_000)}=1`,
  '?__proto__=1',
];

/** What may lie on a topic that no relay has put there: key, value, headers. */
export const RECORDS: readonly {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
}[] = [
  { key: null, value: null, headers: {} },
  { key: Buffer.from([0]), value: Buffer.from([0]), headers: {} },
  { key: Buffer.from('account-x'), value: Buffer.from([0xff, 0xfe, 0x00]), headers: { ce_id: 'x' } },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: { '': '' } },
  { key: Buffer.from('k'.repeat(100_000)), value: Buffer.from('{}'), headers: {} },
  { key: Buffer.from('account-y'), value: Buffer.alloc(900_000, 0x5b), headers: {} },
  {
    key: Buffer.from('account-z'),
    value: Buffer.from('{"a":"\\u0000"}'),
    headers: {
      ce_specversion: '1.0',
      ce_id: 'not-a-uuid',
      ce_type: 'Nope.v1',
      ce_source: 'nobody',
      ce_time: 'never',
      stream_version: '1e400',
      stream_previous: '-1',
      source_position: 'x',
      correlation_id: '\u0000',
    },
  },
  {
    key: Buffer.from('account-00000000-0000-4000-8000-00000000abcd'),
    value: Buffer.from('{"a":"\\ud800"}'),
    headers: {
      ce_specversion: '1.0',
      ce_id: 'a'.repeat(50_000),
      ce_type: 'AccountRegistered.v1',
      ce_source: 'identity',
      ce_time: '+010000-01-01T00:00:00.000Z',
      stream_version: '99999999999',
      stream_previous: '0',
      source_position: '1.1.1',
      correlation_id: 'c',
    },
  },
];
