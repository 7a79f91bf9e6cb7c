import { spawnSync } from 'node:child_process';

/** A member of a cluster that does not answer, for longer than it may be silent. A process of its own, since what is looked for ends processes. */
const PROGRAM = `
import { KafkaMember } from './kafka-member.ts';
import { PACE } from './pace.ts';
const alarms = [];
const member = new KafkaMember({ address: { brokers: ['127.0.0.1:1'] }, prefix: '', alarm: (what) => alarms.push(what), pace: { ...PACE, silentMs: 50 } }, 'mailer', ['identity.accounts'], {});
while (alarms.length === 0) await new Promise((later) => setTimeout(later, 50));
await new Promise((later) => setTimeout(later, 200));
await member.stop();
console.log(alarms[0]);
`;

describe('a member of a Kafka group', () => {
  it('outlives sessions that cannot begin, however long that lasts', () => {
    // On a new cluster a service ended 90 s after its first look, because its topics had not been there yet.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--conditions=source',
        '--experimental-transform-types',
        '--no-warnings',
        '--input-type=module',
        '--eval',
        PROGRAM.replaceAll("'./", `'${import.meta.dirname}/`),
      ],
      { encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'bus group mailer\n', stderr: '' });
  });
});
