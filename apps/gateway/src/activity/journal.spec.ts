import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { inactivity } from '#contracts';
import { Journal } from './journal.ts';

const activity = (accountId: string): inactivity.Activity => ({
  accountId,
  kind: 'api',
  occurredAt: '2026-01-01T00:00:00.000Z',
});
/** No process has this number: the kernel gives out less. */
const NOBODY = 2 ** 30;

describe('what a gateway keeps for the case that it is killed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-journal-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const next = () => new Journal(folder, 'next');
  /** As if the process had another number, or the machine another start. */
  const become = (instance: string, { pid = NOBODY, boot }: { pid?: number; boot?: string } = {}) => {
    const name = readdirSync(folder).find((each) => each.startsWith(instance)) ?? '';
    const [, , of] = name.split('.');
    renameSync(join(folder, name), join(folder, `${instance}.${pid}.${boot ?? of ?? ''}`));
  };

  it('is found whole by the next one in its folder, and is gone once that has told it', () => {
    const killed = new Journal(folder, 'killed');
    killed.keep(activity('ada'));
    killed.keep(activity('eve'));
    become('killed');
    const journal = next();
    const [found, ...others] = journal.predecessors();
    expect([found?.instance, found?.whole, found?.activities, others]).toEqual([
      'killed',
      true,
      [activity('ada'), activity('eve')],
      [],
    ]);
    found?.forget();
    expect(journal.predecessors()).toEqual([]);
  });

  it('is none of one that still lives, and none of its own', () => {
    new Journal(folder, 'alive').keep(activity('ada'));
    become('alive', { pid: process.ppid });
    const journal = next();
    journal.keep(activity('eve'));
    expect(journal.predecessors()).toEqual([]);
  });

  it('is of a dead one where another has our number: in a container each process is number 1', () => {
    new Journal(folder, 'before').keep(activity('ada'));
    expect(next().predecessors()).toMatchObject([{ instance: 'before', whole: true }]);
  });

  it('may lack its end after a start of the machine, whoever has its number now', () => {
    new Journal(folder, 'before').keep(activity('ada'));
    become('before', { pid: process.ppid, boot: 'another' });
    expect(next().predecessors()).toMatchObject([{ whole: false, activities: [activity('ada')] }]);
  });

  it('is without a last line that breaks off: nobody was answered for it', () => {
    const journal = next();
    new Journal(folder, 'killed').keep(activity('ada'));
    const name = readdirSync(folder).find((each) => each.startsWith('killed')) ?? '';
    writeFileSync(join(folder, name), `${JSON.stringify(activity('ada'))}\n{"accountId":"e`);
    expect(journal.predecessors()[0]?.activities).toEqual([activity('ada')]);
  });

  it('is nothing once all is told, and leaves nothing when its process ends', () => {
    const leaving = new Journal(folder, 'leaving');
    leaving.keep(activity('ada'));
    leaving.clear();
    expect(next().predecessors()[0]?.activities).toEqual([]);
    leaving.remove();
    expect(readdirSync(folder).map((name) => name.split('.')[0])).toEqual(['next']);
  });
});
