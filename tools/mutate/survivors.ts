/** Mutants that no test finds, and why none need: file, then the mutant's key. */
export const SURVIVORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
