import { testDatabase } from '#testing';
import pg from 'pg';
import { busContract, type BusUnderTest } from '../port/bus.contract.ts';
import { busSchema } from './bus-schema.ts';
import { PostgresBus } from './postgres-bus.ts';

async function makeBus(): Promise<BusUnderTest> {
  const database = await testDatabase(busSchema);
  const pools = [database.pool];
  const open = (pool: pg.Pool) => new PostgresBus({ pool, alarm: () => undefined, leaseMs: 600 });
  const buses = [open(database.pool)];
  return {
    bus: buses[0] ?? open(database.pool),
    join: async () => {
      const pool = new pg.Pool({ connectionString: database.url, max: 5 });
      pool.on('error', () => undefined);
      pools.push(pool);
      const bus = open(pool);
      buses.push(bus);
      return bus;
    },
    drop: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await Promise.all(pools.slice(1).map((pool) => pool.end()));
      await database.drop();
    },
  };
}

busContract('PostgreSQL', makeBus, (schema) => testDatabase(schema));

describe('PostgreSQL bus', () => {
  it('takes records only through its function', async () => {
    const database = await testDatabase(busSchema);
    try {
      for (const statement of [
        `INSERT INTO bus_log (topic, "offset", key, event_id, headers, value) VALUES ('t', 0, 'k', 'e', '{}', '{}')`,
        'UPDATE bus_topics SET next_offset = 0',
        'DELETE FROM bus_log',
        'TRUNCATE bus_log',
      ])
        await expect(database.pool.query(statement)).rejects.toThrow('permission denied');
    } finally {
      await database.drop();
    }
  });
});
