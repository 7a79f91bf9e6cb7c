import fc from 'fast-check';
import { editedServer, SERVER, type ServerCode } from './code.ts';
import { type Command, House, type Layout } from './house.ts';
import { PLOTS, plotted, serverRun } from './plots.ts';
import { type RuleName, RULES } from './rules.ts';
import { RealKeyManagement, Server } from './server.ts';

const SEED = Number(process.env.FENCE_MODEL_SEED ?? 20_261_125);
const RUNS = Number(process.env.FENCE_SERVER_RUNS ?? 60);
const RUNS_TO_FIND_MAX = 100;
const MODEL_MAX_MS = 300_000;

const rules = (Object.keys(RULES) as RuleName[]).filter((rule) => RULES[rule].of === 'key-management');

describe(`key-management at the fence, on PostgreSQL and in virtual time (seed ${SEED})`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });
  afterAll(() => server.stop());

  async function played(layout: Layout, commands: readonly Command[], code: ServerCode = SERVER): Promise<House> {
    const keys = await server.fresh();
    let real: RealKeyManagement | undefined;
    const house = new House(layout, {
      keys,
      keyManagement: (world, { replicas }, broken) =>
        (real = new RealKeyManagement(world, replicas, keys, server, code, broken)),
    });
    await house.run(commands);
    real?.end();
    return house;
  }

  it(
    'T-REV-1 lets no gateway accept what was sent after its revocation returned, whatever is late, lost, paused, cut off, killed or promoted',
    async () => {
      const total = { accepted: 0, refused: 0, unavailable: 0, revoked: 0, atOnce: 0, waited: 0, fromMemory: 0 };
      await fc.assert(
        fc.asyncProperty(serverRun, async ([layout, commands]) => {
          const { broken, counts } = await played(layout, commands);
          expect([...broken]).toEqual([]);
          for (const what of Object.keys(total) as (keyof typeof total)[]) total[what] += counts[what];
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      // A run in which nothing happens proves nothing.
      expect(total.accepted / RUNS).toBeGreaterThan(0.5);
      expect(total.revoked / RUNS).toBeGreaterThan(0.2);
      for (const count of Object.values(total)) expect(count).toBeGreaterThan(0);
    },
    MODEL_MAX_MS,
  );

  it.each(rules)(
    'T-REV-2 does not keep the promise without %s',
    async (rule) => {
      const [code, { breaks }] = [await editedServer(RULES[rule].edits), PLOTS[rule]];
      const found = await fc.check(
        fc.asyncProperty(
          plotted(PLOTS[rule], 40),
          async ([layout, commands]) => !(await played(layout, commands, code)).broken.has(breaks),
        ),
        { numRuns: RUNS_TO_FIND_MAX, seed: SEED, endOnFailure: true },
      );
      const [layout, commands] = found.counterexample?.[0] ?? [];
      if (!layout || !commands) throw new Error('nothing was broken');
      // It is the rule that makes the difference: with it, the same run is in order.
      expect([...(await played(layout, commands)).broken]).toEqual([]);
    },
    MODEL_MAX_MS,
  );
});
