import type { Circuit, Gateset } from './circuit.ts';
import { NATIVE_GATES } from './native-gates.ts';
import { QIS_GATES } from './qis-gates.ts';
import type { GateKind, Step } from './step.ts';

export const gateKinds = (gateset: Gateset): ReadonlyMap<string, GateKind> => (gateset === 'native' ? NATIVE_GATES : QIS_GATES);

export function stepsOf(circuit: Circuit): Step[] {
  const kinds = gateKinds(circuit.gateset);
  return circuit.gates.flatMap((gate) => {
    const kind = kinds.get(gate.gate);
    if (!kind) throw new Error(`no gate is called ${gate.gate} in the gateset ${circuit.gateset}`);
    return kind.steps(gate);
  });
}
