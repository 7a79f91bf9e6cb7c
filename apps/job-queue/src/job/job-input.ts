import { fieldProblem } from '#contracts';
import { z } from 'zod';
import { type Circuit, type Gate, type Gateset, QUBITS_MAX } from '../simulator/circuit.ts';
import { estimateMs } from '../simulator/cost.ts';
import { NOISE_MODELS } from '../simulator/noise-models.ts';
import { bounded, type GateInput, gateInput, toGate } from './gate-input.ts';

export const CIRCUITS_MAX = 5_000;
export const GATES_MAX = 150_000;
/** Of all circuits together: each is read whenever one of them is asked for. */
const NAMES_MAX = 250_000;
/** Mistakes that are told of; more of them say no more. */
export const PROBLEMS_MAX = 20;

/** Clients send absence as null, and Cirq sends numbers as text. */
const shots = z
  .union([z.int(), z.string().regex(/^\d+$/).transform(Number)])
  .pipe(z.int().min(1).max(1_000_000))
  .nullish()
  .transform((value) => value ?? 100);
const gateset = z
  .enum(['qis', 'native'])
  .nullish()
  .transform((value) => value ?? 'qis');
const qubits = z.int().min(1).max(QUBITS_MAX, `must be at most ${QUBITS_MAX}: that is what the simulator can hold`);
const text = z
  .string()
  .max(1_000)
  .nullish()
  .transform((value) => value ?? null);
/** Anything: given back as it came, also a hundred at a time in a list. */
const echo = (bytesMax: number) =>
  z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value, context) => {
      let [infinite, inexact] = [false, false];
      const json = JSON.stringify(value ?? {}, (_name, one: unknown) => {
        infinite ||= one === Infinity || one === -Infinity;
        inexact ||= Number.isInteger(one) && !Number.isSafeInteger(one);
        return one;
      });
      if (Buffer.byteLength(json) > bytesMax)
        context.issues.push({ code: 'custom', input: undefined, message: `must be at most ${bytesMax / 1024} KB` });
      // It would come back as null.
      if (infinite)
        context.issues.push({
          code: 'custom',
          input: undefined,
          message: 'has a number beyond 1.8e308: send it as a text',
        });
      // It would come back as another: of 12345678901234567890 the last digits are lost.
      if (inexact)
        context.issues.push({
          code: 'custom',
          input: undefined,
          message: `has a whole number beyond ${Number.MAX_SAFE_INTEGER}: send it as a text`,
        });
      return value ?? {};
    });

const noise = z
  .object({ model: z.string().nullish(), seed: z.int().nullish() })
  .nullish()
  .transform((value, context) => {
    const model = value?.model ?? 'ideal';
    if (model === 'ideal') return null;
    if (!NOISE_MODELS.has(model)) {
      context.issues.push({
        code: 'custom',
        input: model,
        path: ['model'],
        message: `no noise model is called ${model.slice(0, 60)}: there are ideal, ${[...NOISE_MODELS.keys()].join(', ')}`,
      });
    }
    return { model, seed: value?.seed ?? null };
  });

const about = {
  backend: z
    .literal('simulator', 'the only backend here is simulator')
    .nullish()
    .transform((value) => value ?? 'simulator'),
  // PostgreSQL holds none in text, and a name that was kept without it would not be the one that was sent.
  name: text.refine((name) => name?.includes('\0') !== true, 'must not hold the character NUL (U+0000)'),
  shots,
  noise,
  metadata: echo(512 * 1024),
  settings: echo(64 * 1024),
  session_id: z.null('there are no sessions here: leave it out').optional(),
  dry_run: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
};

/** Each gate is looked at by itself, until enough is wrong. */
const gates = z.array(z.unknown()).max(GATES_MAX);
const single = z.object({
  ...about,
  type: z.literal('ionq.circuit.v1'),
  input: z.object({ gateset, qubits, circuit: gates }),
});
const several = z.object({
  ...about,
  type: z.literal('ionq.multi-circuit.v1'),
  input: z.object({
    gateset,
    qubits: qubits.nullish(),
    circuits: bounded(z.object({ name: text, circuit: gates, qubits: qubits.nullish() }), CIRCUITS_MAX).refine(
      ({ length }) => length > 0,
      'must have a circuit',
    ),
  }),
});

const type = z.object({
  type: z.enum(['ionq.circuit.v1', 'ionq.multi-circuit.v1'], {
    error: ({ input }) =>
      input === 'ionq.qasm3.v1'
        ? 'OpenQASM 3 is not run here: send the circuit as ionq.circuit.v1, without measurements in its middle, resets or control flow'
        : 'must be ionq.circuit.v1 or ionq.multi-circuit.v1',
  }),
});

export interface NamedCircuit extends Circuit {
  readonly name: string | null;
}

/** The body of POST /v0.4/jobs, judged and put into plain names. Throws ZodError. */
export interface JobInput {
  readonly type: 'ionq.circuit.v1' | 'ionq.multi-circuit.v1';
  readonly name: string | null;
  readonly backend: 'simulator';
  readonly shots: number;
  readonly noise: { readonly model: string; readonly seed: number | null } | null;
  readonly dryRun: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly circuits: readonly NamedCircuit[];
  /** Milliseconds of one core that all of it will take, estimated. */
  readonly estimatedMs: number;
}

type Body = z.infer<typeof single> | z.infer<typeof several>;

export function parseJobInput(body: unknown): JobInput {
  const told = { error: fieldProblem };
  const parsed =
    type.parse(body, told).type === 'ionq.circuit.v1' ? single.parse(body, told) : several.parse(body, told);
  const problems: z.core.$ZodIssue[] = [];
  const gatesTotal = lists(parsed).reduce((total, { length }) => total + length, 0);
  if (gatesTotal > GATES_MAX)
    throw new z.ZodError([issue(['input'], `a job takes at most ${GATES_MAX} gates, this has ${gatesTotal}`)]);
  const circuits = circuitsOf(parsed, problems);
  const namesTotal = circuits.reduce((total, { name }) => total + (name?.length ?? 0), 0);
  if (namesTotal > NAMES_MAX)
    problems.push(
      issue(
        ['input', 'circuits'],
        `the names of all circuits have at most ${NAMES_MAX} characters, these have ${namesTotal}`,
      ),
    );
  const widest = circuits.reduce((most, circuit) => Math.max(most, circuit.qubits), 0);
  const limit = NOISE_MODELS.get(parsed.noise?.model ?? '')?.qubits ?? QUBITS_MAX;
  if (widest > limit)
    problems.push(
      issue(
        ['input', 'qubits'],
        `the noise model ${parsed.noise?.model ?? ''} has ${limit} qubits, this needs ${widest}`,
      ),
    );
  if (problems.length > 0) throw new z.ZodError(problems);
  const { name, backend, shots, noise, metadata, settings } = parsed;
  return {
    type: parsed.type,
    name,
    backend,
    shots,
    noise,
    dryRun: parsed.dry_run,
    metadata,
    settings,
    circuits,
    estimatedMs: estimateMs(circuits, shots, noise?.model),
  };
}

const lists = ({ type, input }: Body): readonly (readonly unknown[])[] =>
  type === 'ionq.circuit.v1' ? [input.circuit] : input.circuits.map(({ circuit }) => circuit);

function circuitsOf({ type, input }: Body, problems: z.core.$ZodIssue[]): NamedCircuit[] {
  const { gateset } = input;
  if (type === 'ionq.circuit.v1')
    return [toCircuit(null, input.circuit, { gateset, qubits: input.qubits }, ['input', 'circuit'], problems)];
  return input.circuits.map(({ name, circuit, qubits }, index) =>
    toCircuit(
      name,
      circuit,
      { gateset, qubits: qubits ?? input.qubits ?? undefined },
      ['input', 'circuits', index, 'circuit'],
      problems,
    ),
  );
}

function toCircuit(
  name: string | null,
  circuit: readonly unknown[],
  place: { gateset: Gateset; qubits: number | undefined },
  path: PropertyKey[],
  problems: z.core.$ZodIssue[],
): NamedCircuit {
  const inputs: GateInput[] = [];
  for (const [index, one] of circuit.entries()) {
    if (problems.length >= PROBLEMS_MAX) break;
    const read = gateInput.safeParse(one, { error: fieldProblem });
    if (read.success) inputs.push(read.data);
    else problems.push(...read.error.issues.map((wrong) => ({ ...wrong, path: [...path, index, ...wrong.path] })));
  }
  const qubits = place.qubits ?? width(inputs);
  const gates: Gate[] = [];
  for (const [index, input] of inputs.entries()) {
    if (problems.length >= PROBLEMS_MAX) break;
    const gate = toGate(input, { gateset: place.gateset, qubits });
    if (typeof gate !== 'string') gates.push(gate);
    else problems.push(issue([...path, index], gate));
  }
  return { name, qubits, gateset: place.gateset, gates };
}

const width = (gates: readonly GateInput[]) =>
  Math.min(
    QUBITS_MAX,
    gates.reduce(
      (most, { target, targets, control, controls }) =>
        [target ?? 0, control ?? 0, ...(targets ?? []), ...(controls ?? [])].reduce(
          (highest, qubit) => Math.max(highest, qubit),
          most,
        ),
      0,
    ) + 1,
  );

const issue = (path: PropertyKey[], message: string): z.core.$ZodIssue => ({
  code: 'custom',
  path,
  message,
  input: undefined,
});
