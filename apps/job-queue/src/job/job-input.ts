import { z } from 'zod';
import type { Circuit, Gate } from '../simulator/circuit.ts';
import { estimateMs } from '../simulator/cost.ts';
import { NOISE_MODELS } from '../simulator/noise-models.ts';
import { gateInput, toGate } from './gate-input.ts';

export const QUBITS_MAX = 29;
export const CIRCUITS_MAX = 5_000;
export const GATES_MAX = 150_000;

/** Clients send absence as null, and Cirq sends numbers as text. */
const shots = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(1).max(1_000_000)).nullish().transform((value) => value ?? 100);
const gateset = z.enum(['qis', 'native']).nullish().transform((value) => value ?? 'qis');
const qubits = z.int().min(1).max(QUBITS_MAX, `must be at most ${QUBITS_MAX}: that is what the simulator can hold`);
const text = z.string().max(1_000).nullish().transform((value) => value ?? null);
/** Anything: given back as it came, also a hundred at a time in a list. */
const echo = (bytesMax: number) => z.record(z.string(), z.unknown()).nullish().transform((value) => value ?? {})
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= bytesMax, `must be at most ${bytesMax / 1024} KB`);

const noise = z.object({ model: z.string().nullish(), seed: z.int().nullish() }).nullish().transform((value, context) => {
  const model = value?.model ?? 'ideal';
  if (model === 'ideal') return null;
  if (!NOISE_MODELS.has(model)) {
    context.issues.push({ code: 'custom', input: model, path: ['model'], message: `no noise model is called ${model}: there are ideal, ${[...NOISE_MODELS.keys()].join(', ')}` });
  }
  return { model, seed: value?.seed ?? null };
});

const about = {
  backend: z.literal('simulator', 'the only backend here is simulator').nullish().transform((value) => value ?? 'simulator'),
  name: text, shots, noise, metadata: echo(512 * 1024), settings: echo(64 * 1024),
  dry_run: z.boolean().nullish().transform((value) => value ?? false),
};

const gates = z.array(gateInput);
const single = z.object({ ...about, type: z.literal('ionq.circuit.v1'), input: z.object({ gateset, qubits, circuit: gates }) });
const several = z.object({
  ...about, type: z.literal('ionq.multi-circuit.v1'),
  input: z.object({ gateset, qubits: qubits.nullish(), circuits: z.array(z.object({ name: text, circuit: gates, qubits: qubits.nullish() })).min(1).max(CIRCUITS_MAX) }),
});

const type = z.object({
  type: z.enum(['ionq.circuit.v1', 'ionq.multi-circuit.v1'], {
    error: ({ input }) => input === 'ionq.qasm3.v1'
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
  const parsed = type.parse(body).type === 'ionq.circuit.v1' ? single.parse(body) : several.parse(body);
  const problems: z.core.$ZodIssue[] = [];
  const circuits = circuitsOf(parsed, problems);
  const gatesTotal = circuits.reduce((total, circuit) => total + circuit.gates.length, 0);
  if (gatesTotal > GATES_MAX) problems.push(issue(['input'], `a job takes at most ${GATES_MAX} gates, this has ${gatesTotal}`));
  const widest = Math.max(...circuits.map((circuit) => circuit.qubits));
  const limit = NOISE_MODELS.get(parsed.noise?.model ?? '')?.qubits ?? QUBITS_MAX;
  if (widest > limit) problems.push(issue(['input', 'qubits'], `the noise model ${parsed.noise?.model ?? ''} has ${limit} qubits, this needs ${widest}`));
  if (problems.length > 0) throw new z.ZodError(problems);
  const { name, backend, shots, noise, metadata, settings } = parsed;
  return { type: parsed.type, name, backend, shots, noise, dryRun: parsed.dry_run, metadata, settings, circuits, estimatedMs: estimateMs(circuits, shots, noise?.model) };
}

function circuitsOf({ type, input }: Body, problems: z.core.$ZodIssue[]): NamedCircuit[] {
  if (type === 'ionq.circuit.v1') return [toCircuit(null, input.circuit, input, ['input', 'circuit'], problems)];
  return input.circuits.map(({ name, circuit, qubits }, index) =>
    toCircuit(name, circuit, { gateset: input.gateset, qubits: qubits ?? input.qubits ?? width(circuit) }, ['input', 'circuits', index, 'circuit'], problems));
}

function toCircuit(name: string | null, inputs: z.infer<typeof gates>, place: { gateset: 'qis' | 'native'; qubits: number }, path: PropertyKey[], problems: z.core.$ZodIssue[]): NamedCircuit {
  const found: Gate[] = [];
  for (const [index, input] of inputs.entries()) {
    const gate = toGate(input, place);
    if (typeof gate !== 'string') found.push(gate);
    // The first few say it; a list of 150,000 says no more.
    else if (problems.length < 10) problems.push(issue([...path, index], gate));
  }
  return { name, qubits: place.qubits, gateset: place.gateset, gates: found };
}

const width = (circuit: z.infer<typeof gates>) =>
  Math.min(QUBITS_MAX, circuit.reduce((most, { target, targets, control, controls }) => Math.max(most, target ?? 0, control ?? 0, ...(targets ?? []), ...(controls ?? [])), 0) + 1);

const issue = (path: PropertyKey[], message: string): z.core.$ZodIssue => ({ code: 'custom', path, message, input: undefined });
