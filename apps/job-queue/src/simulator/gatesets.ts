import type { Circuit, Gate, Gateset } from './circuit.ts';
import { NATIVE_GATES } from './native-gates.ts';
import { QIS_GATES } from './qis-gates.ts';
import type { GateKind, Step } from './step.ts';

export const gateKinds = (gateset: Gateset): ReadonlyMap<string, GateKind> =>
  gateset === 'native' ? NATIVE_GATES : QIS_GATES;

export function gateSteps(gateset: Gateset, gate: Gate): Step[] {
  const kind = gateKinds(gateset).get(gate.gate);
  if (!kind) throw new Error(`no gate is called ${gate.gate} in the gateset ${gateset}`);
  return kind.steps(gate);
}

export const stepsOf = ({ gateset, gates }: Circuit): Step[] => gates.flatMap((gate) => gateSteps(gateset, gate));
