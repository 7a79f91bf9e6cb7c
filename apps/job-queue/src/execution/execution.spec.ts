import { parseJobInput } from '../job/job-input.ts';
import { taskOf } from './execution.ts';

const [one, other] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'];
const work = (noise: object) => {
  const { shots, circuits } = parseJobInput({
    type: 'ionq.multi-circuit.v1',
    input: { qubits: 1, circuits: [{ circuit: [] }, { circuit: [] }] },
  });
  return {
    shots,
    circuits: circuits.map((circuit) => ({ qubits: circuit.qubits, json: JSON.stringify(circuit) })),
    noise,
  };
};

describe('what is asked of the simulator', () => {
  it('has no noise unless a model is named', () => {
    expect(taskOf(work({}), one, 0)).not.toHaveProperty('noise');
  });

  it('has the same seed when a job runs again after a crash, another for each job and each of its circuits', () => {
    const seed = (jobId: string, circuit: number) =>
      taskOf(work({ model: 'aria-1', seed: null }), jobId, circuit).noise?.seed;
    expect(seed(one, 0)).toBe(seed(one, 0));
    expect(new Set([seed(one, 0), seed(one, 1), seed(other, 0)]).size).toBe(3);
  });

  it('has the seed that the owner chose', () => {
    expect(taskOf(work({ model: 'aria-1', seed: 5 }), one, 1).noise?.seed).toBe(6);
  });
});
