import fc from 'fast-check';
import { ZodError } from 'zod';
import { parseJobInput } from './job-input.ts';
import { statsOf } from './job-stats.ts';

const h = { gate: 'h', target: 0 };
const input = { gateset: 'qis', qubits: 2, circuit: [h, { gate: 'cnot', control: 0, target: 1 }] };
const body = { type: 'ionq.circuit.v1', backend: 'simulator', input };
const withGates = (...circuit: object[]) => ({ ...body, input: { ...input, circuit } });

function problems(value: unknown): string[] {
  try {
    parseJobInput(value);
  } catch (error) {
    if (error instanceof ZodError) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw error;
  }
  return [];
}

describe('the body of POST /v0.4/jobs', () => {
  it('is taken with the least that it may say', () => {
    expect(parseJobInput(body)).toEqual({
      type: 'ionq.circuit.v1',
      name: null,
      backend: 'simulator',
      shots: 100,
      noise: null,
      dryRun: false,
      metadata: {},
      settings: {},
      estimatedMs: 3,
      circuits: [
        {
          name: null,
          qubits: 2,
          gateset: 'qis',
          gates: [
            { gate: 'h', targets: [0], controls: [] },
            { gate: 'cnot', targets: [1], controls: [0] },
          ],
        },
      ],
    });
  });

  it('is taken as qiskit-ionq sends it', () => {
    const sent = {
      type: 'ionq.circuit.v1',
      backend: 'simulator',
      shots: 1024,
      name: 'circuit-1',
      noise: { model: 'ideal', seed: null },
      input: {
        gateset: 'qis',
        qubits: 3,
        circuit: [
          { gate: 'h', targets: [0] },
          { gate: 'x', targets: [2], controls: [0, 1] },
          { gate: 'z', targets: [1], controls: [0], rotation: 0.5 },
        ],
      },
      metadata: { shots: '1024', sampler_seed: 'None', qiskit_header: 'H4sIAAAA/+x=', user_agent: 'qiskit-ionq/1.1.1' },
    };
    expect(parseJobInput(sent)).toMatchObject({
      shots: 1024,
      noise: null,
      name: 'circuit-1',
      metadata: sent.metadata,
      circuits: [{ gates: [{}, { controls: [0, 1] }, { rotation: 0.5 }] }],
    });
  });

  it('is taken as cirq-ionq sends it: shots as text, measurement keys between control characters', () => {
    const metadata = { measurement0: 'a\u001f0,1\u001eb\u001f2', shots: '500' };
    const sent = {
      ...body,
      lang: 'json',
      shots: '500',
      metadata,
      noise: { model: 'aria-1', seed: 5 },
      input: {
        gateset: 'native',
        qubits: 2,
        circuit: [
          { gate: 'gpi', target: 0, phase: 0.25 },
          { gate: 'ms', targets: [0, 1], phases: [0, 0.5], angle: 0.25 },
          { gate: 'zz', targets: [0, 1], phase: 0.1 },
        ],
      },
    };
    expect(parseJobInput(sent)).toMatchObject({
      shots: 500,
      metadata,
      noise: { model: 'aria-1', seed: 5 },
      circuits: [{ gateset: 'native', gates: [{ phases: [0.25] }, { phases: [0, 0.5], angle: 0.25 }, { angle: 0.1 }] }],
    });
  });

  it('keeps the order and names of several circuits', () => {
    const sent = {
      ...body,
      type: 'ionq.multi-circuit.v1',
      input: { gateset: 'qis', qubits: 2, circuits: [{ name: 'one', circuit: [h] }, { circuit: [h, h] }] },
    };
    expect(parseJobInput(sent).circuits).toMatchObject([
      { name: 'one', qubits: 2, gates: [{}] },
      { name: null, qubits: 2, gates: [{}, {}] },
    ]);
  });

  it('reckons the width of several circuits when it is not told', () => {
    const sent = {
      ...body,
      type: 'ionq.multi-circuit.v1',
      input: { circuits: [{ circuit: [{ gate: 'x', target: 4 }] }, { circuit: [h] }] },
    };
    expect(parseJobInput(sent).circuits.map(({ qubits }) => qubits)).toEqual([5, 1]);
  });

  it('gives numbers of metadata back as they are, up to those that would lose digits', () => {
    const metadata = { a: [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.1, 1e-300] };
    expect(parseJobInput({ ...body, metadata }).metadata).toEqual(metadata);
  });

  it('gives metadata back byte by byte', () => {
    const metadata = { 'a': '\u001e\u001f\u0000', 'b': 'é☂😀', 'c': 'A'.repeat(100_000), '': 'empty' };
    expect(JSON.stringify(parseJobInput({ ...body, metadata }).metadata)).toBe(JSON.stringify(metadata));
  });

  it.each([[1], [1_000_000], ['1'], ['250']])('takes %p shots', (shots) => {
    expect(parseJobInput({ ...body, shots }).shots).toBe(Number(shots));
  });
  it('refuses a name that would be kept as another one', () => {
    expect(problems({ ...body, name: 'a\u0000b' })).toEqual(['name: must not hold the character NUL (U+0000)']);
  });
  it.each([[0], [1_000_001], [1.5], ['none'], ['-3'], [true]])('refuses %p shots', (shots) => {
    expect(problems({ ...body, shots })[0]).toMatch(/^shots/);
  });

  it('takes no session: there is none to be in', () => {
    expect(parseJobInput({ ...body, session_id: null })).toEqual(parseJobInput(body));
    expect(problems({ ...body, session_id: 'x' })).toEqual(['session_id: there are no sessions here: leave it out']);
  });

  it('refuses OpenQASM 3 and says what to send', () => {
    expect(problems({ type: 'ionq.qasm3.v1', input: { data: '' } })).toEqual([
      expect.stringMatching(/^type: OpenQASM 3 is not run here: send .*ionq\.circuit\.v1/),
    ]);
  });

  it.each([
    [{ ...body, type: 'ionq.else' }, 'type: must be ionq.circuit.v1 or ionq.multi-circuit.v1'],
    [{ ...body, backend: 'qpu.aria-1' }, 'backend: the only backend here is simulator'],
    [
      { ...body, noise: { model: 'harmony' } },
      'noise.model: no noise model is called harmony: there are ideal, aria-1, forte-1, forte-enterprise-1',
    ],
    [{ ...body, input: { ...input, qubits: 30 } }, 'input.qubits: must be at most 29'],
    [
      { ...body, noise: { model: 'aria-1' }, input: { ...input, qubits: 26 } },
      'input.qubits: the noise model aria-1 has 25 qubits, this needs 26',
    ],
    [withGates({ gate: 'h', target: 2 }), 'input.circuit.0: h names qubit 2, but the circuit has qubits 0 to 1'],
    [withGates(h, { gate: 'measure', target: 0 }), 'input.circuit.1: the gateset qis has no gate measure; it has x'],
    [withGates({ gate: 'cnot', target: 0 }), 'input.circuit.0: cnot needs a control'],
    [withGates({ gate: 'h' }), 'input.circuit.0: h needs a target'],
    [withGates({ gate: 'swap', targets: [0] }), 'input.circuit.0: swap needs two targets'],
    [withGates({ gate: 'x', target: 0, control: 0 }), 'input.circuit.0: x names a qubit twice'],
    [withGates({ gate: 'rx', target: 0 }), 'input.circuit.0: rx needs rotation'],
    [withGates({ gate: 'x', target: 0, rotation: 1 }), 'input.circuit.0: x takes no rotation'],
    [
      withGates({ gate: 'pauliexp', targets: [0, 1], terms: ['XI', 'ZI'], coefficients: [1, 1], time: 1 }),
      'input.circuit.0: pauliexp needs terms that commute, and ZI',
    ],
    [
      withGates({ gate: 'pauliexp', targets: [0, 1], terms: ['X'], coefficients: [1], time: 1 }),
      'input.circuit.0: pauliexp needs one letter for each target',
    ],
    [
      { ...body, input: { ...input, gateset: 'native' } },
      'input.circuit.0: the gateset native has no gate h; it has gpi, gpi2, ms, zz, nop',
    ],
    [null, ': '],
    [{ ...body, input: {} }, 'input.qubits'],
  ])('says where it is wrong and why (%#)', (value, expected) => {
    expect(problems(value)[0]).toContain(expected);
  });

  it.each([
    [withGates({ gate: 'x', targets: Array<number>(30).fill(0) }), 'input.circuit.0.targets: '],
    [withGates({ gate: 'x', target: 0, controls: Array<number>(100_000).fill(0) }), 'input.circuit.0.controls: '],
    [withGates({ gate: 'x'.repeat(100_000), target: 0 }), 'input.circuit.0.gate: '],
    [withGates({ gate: 'rx', target: 0, rotation: 1e308 }), 'input.circuit.0.rotation: '],
    [withGates({ gate: 'rx', target: 0, rotation: Infinity }), 'input.circuit.0.rotation: '],
    [withGates({ gate: 'gpi', target: 0, phases: [-1e13] }), 'input.circuit.0.phases.0: '],
    [
      withGates({
        gate: 'pauliexp',
        targets: [0, 1],
        terms: Array<string>(1_001).fill('XX'),
        coefficients: [1],
        time: 1,
      }),
      'input.circuit.0.terms: ',
    ],
    [{ ...body, metadata: { a: [Infinity] } }, 'metadata: has a number beyond'],
    [{ ...body, settings: { a: JSON.parse('1e400') as number } }, 'settings: has a number beyond'],
    [
      { ...body, metadata: { a: JSON.parse('12345678901234567890') as number } },
      'metadata: has a whole number beyond 9007199254740991',
    ],
    [
      {
        ...body,
        type: 'ionq.multi-circuit.v1',
        input: { circuits: Array.from({ length: 5_000 }, () => ({ name: 'n'.repeat(100), circuit: [] })) },
      },
      'input.circuits: the names of all circuits have at most 250000',
    ],
    [{ ...body, type: 'ionq.multi-circuit.v1', input: { circuits: [] } }, 'input.circuits: '],
  ])('counts what is repeated, and bounds what is long (%#)', (value, expected) => {
    expect(problems(value)).toEqual([expect.stringContaining(expected)]);
    expect(problems(value)[0]?.length).toBeLessThan(300);
  });

  it('finds the terms that do not commute with those before them, as comparing all pairs does', () => {
    const letter = fc.constantFrom('I', 'X', 'Y', 'Z');
    const term = fc.array(letter, { minLength: 4, maxLength: 4 }).map((letters) => letters.join(''));
    const clash = (a: string, b: string) =>
      [...a].filter((one, i) => one !== 'I' && b[i] !== 'I' && one !== b[i]).length % 2 === 1;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(term, { minLength: 1, maxLength: 5 }),
          fc.array(fc.constantFrom('XXXX', 'ZZZZ', 'YYYY', 'ZZII', 'IIZZ', 'XXII', 'YYII', 'ZIII'), {
            minLength: 1,
            maxLength: 8,
          }),
        ),
        (terms) => {
          const first = terms.find((one, i) => terms.slice(0, i).some((other) => clash(one, other)));
          const found = problems({
            ...body,
            input: {
              qubits: 4,
              circuit: [{ gate: 'pauliexp', targets: [0, 1, 2, 3], terms, coefficients: terms.map(() => 1), time: 1 }],
            },
          });
          expect(found).toEqual(first === undefined ? [] : [expect.stringContaining(`and ${first} does not commute`)]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes the most that it says', () => {
    const terms = Array<string>(1_000).fill('XX');
    const began = performance.now();
    expect(
      problems(withGates({ gate: 'pauliexp', targets: [0, 1], terms, coefficients: terms.map(() => 1), time: 1 })),
    ).toEqual([]);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('tells a few of many mistakes', () => {
    expect(problems(withGates(...Array.from({ length: 5_000 }, () => ({ gate: 'nope', target: 0 }))))).toHaveLength(20);
  });
});

describe('the size of a job', () => {
  it('counts gates by the qubits they touch', () => {
    const sent = {
      ...body,
      type: 'ionq.multi-circuit.v1',
      input: {
        qubits: 4,
        circuits: [
          { circuit: [h, { gate: 'x', targets: [0, 1] }] },
          {
            circuit: [
              { gate: 'x', target: 3, controls: [0, 1] },
              { gate: 'zz', targets: [0, 1], rotation: 1 },
            ],
          },
        ],
      },
    };
    expect(statsOf(parseJobInput(sent).circuits)).toEqual({
      qubits: 4,
      circuits: 2,
      gate_counts: { '1q': 3, '2q': 1, '3q': 1 },
    });
  });
});
