/** Depolarizing strengths: how often a gate leaves its qubits in the maximally mixed state. */
export interface NoiseModel {
  readonly oneQubit: number;
  readonly twoQubit: number;
  readonly qubits: number;
}

/**
 * The strengths that the maker publishes for its simulator (docs.ionq.com/guides/simulation-with-noise-models).
 * It gives none for Forte Enterprise 1, the same machine built for a data centre: that one borrows those of Forte 1.
 */
export const NOISE_MODELS: ReadonlyMap<string, NoiseModel> = new Map([
  ['aria-1', { oneQubit: 0.0005, twoQubit: 0.0133, qubits: 25 }],
  ['forte-1', { oneQubit: 0.0002666666666666667, twoQubit: 0.004949333333333333, qubits: 29 }],
  ['forte-enterprise-1', { oneQubit: 0.0002666666666666667, twoQubit: 0.004949333333333333, qubits: 29 }],
]);
