import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, Processes, Product } from '#testing';
import pg from 'pg';

const DAY = 86_400;
interface Row {
  gateway: string;
  since: string;
  kept: number;
}

describe('two gateways, one of which falls silent', () => {
  let product: Product;
  let processes: Processes;
  let database: pg.Client;

  beforeAll(async () => {
    product = await Product.start({}, { script: 'start:services', args: ['--gateways', '2'] });
    processes = new Processes(product);
    const data = join(product.dataFolder, 'data');
    const { postgresPassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as {
      postgresPassword: string;
    };
    database = new pg.Client({
      connectionString: `postgres://postgres:${postgresPassword}@127.0.0.1:${readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]}/inactivity_policy`,
    });
    await database.connect();
  });
  afterAll(async () => {
    processes.signal('gateway-2', 'SIGCONT');
    await database.end();
    await product.dispose();
  });

  const gateways = async (where = 'true') =>
    (
      await database.query<{ instance: string }>(`SELECT instance FROM gateways WHERE ${where} ORDER BY heard_at`)
    ).rows.map(({ instance }) => instance);
  const gaps = async () => JSON.parse((await product.rollcall('inactivity', 'gaps', '-o', 'json')).stdout) as Row[];
  const answer = async (found: boolean) => ({ status: found ? 200 : 404, headers: new Headers(), body: {} });
  const reached = async () => (await database.query("SELECT FROM events WHERE type = 'DormancyReached'")).rowCount ?? 0;

  it('miss nothing of one that is stopped, nor of one that is killed and followed by another', async () => {
    expect(await gateways()).toHaveLength(2);

    const stopped = processes.pid('gateway-2');
    processes.signal('gateway-2', 'SIGTERM');
    await processes.restarted('gateway-2', stopped);
    await eventually(
      async () => answer((await gateways('left_at IS NOT NULL')).length === 1 && (await gateways()).length === 3),
      ({ status }) => status === 200,
    );

    const killed = processes.pid('gateway-2');
    processes.signal('gateway-2', 'SIGKILL');
    await processes.restarted('gateway-2', killed);
    await eventually(
      async () => answer((await gateways()).length === 4 && (await gateways('left_at IS NOT NULL')).length === 2),
      ({ status }) => status === 200,
    );
  });

  it('suspend nobody while one is missing, and warn, until a person closes the gap by name and reason', async () => {
    await product.signUp('ada@example.com');
    const living = await gateways('left_at IS NULL');
    processes.signal('gateway-2', 'SIGSTOP');
    await product.advance(167 * DAY);
    await product.mail('ada@example.com', /inactivity/i);
    await product.advance(15 * DAY);
    const apart =
      "SELECT FROM gateways WHERE left_at IS NULL HAVING max(watermark) - min(watermark) > interval '181 days'";
    await eventually(
      async () =>
        answer(
          (await database.query(apart)).rowCount === 1 &&
            (await database.query('SELECT FROM deadlines WHERE waits_for IS NOT NULL')).rowCount === 1,
        ),
      ({ status }) => status === 200,
    );
    expect(await reached()).toBe(0);

    // One that hangs is seen long before that.
    await eventually(
      async () => answer((await product.rollcall('status', '--service', 'gateway')).code === 1),
      ({ status }) => status === 200,
    );
    const rows = JSON.parse((await product.rollcall('status', '--service', 'gateway', '-o', 'json')).stdout) as {
      state: string;
      leased: boolean;
    }[];
    expect(rows.map(({ state }) => state)).toEqual(['not-ready', 'ready']);
    expect(rows[1]?.leased).toBe(true);
    expect((await product.rollcall('doctor')).stdout).toMatch(/^.*\n *gateway +\S+ +fail .*hung/);

    // The real clock cannot be moved: what the service notes after 5 minutes of silence is written by hand.
    const [dead] = (
      await database.query<{ instance: string }>(
        'UPDATE gateways SET silent_at = clock_timestamp() WHERE left_at IS NULL AND watermark = (SELECT min(watermark) FROM gateways WHERE left_at IS NULL) RETURNING instance',
      )
    ).rows;
    expect(living).toContain(dead?.instance);
    expect((await gaps()).map(({ gateway }) => gateway)).toEqual([dead?.instance]);
    const closed = await product.rollcall(
      'inactivity',
      'close-gap',
      dead?.instance ?? '',
      '--apply',
      '--reason',
      'it was paused by a test',
    );
    expect([closed.code, closed.stderr]).toEqual([0, expect.stringContaining('waited for no longer')]);
    await product.mail('ada@example.com', /was suspended/i);
    expect(await gaps()).toEqual([]);
  });
});
