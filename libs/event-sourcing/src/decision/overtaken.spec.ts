import { DatabaseError } from 'pg';
import { DatabaseFault, VersionConflict } from './errors.ts';
import { untilNotOvertaken } from './overtaken.ts';

const conflict = () => new VersionConflict('desk-1', 1);
const sql = (code: string) => Object.assign(new DatabaseError('no', 0, 'error'), { code });

describe('what others may overtake', () => {
  /** How often it was begun, and what came of it, where it fails by these first. */
  async function carriedOut(...failures: readonly Error[]) {
    let begun = 0;
    const outcome = await untilNotOvertaken(async () => {
      const failure = failures[begun++];
      if (failure) throw failure;
      return 'done';
    }).catch((error: unknown) => error);
    return [begun, outcome];
  }

  it('is carried out once where nobody does', async () => {
    expect(await carriedOut()).toEqual([1, 'done']);
  });

  it('is begun again when somebody has', async () => {
    expect(await carriedOut(conflict(), sql('40001'), sql('40P01'))).toEqual([4, 'done']);
  });

  it('is begun again when an append to several streams says that one of them has gone on', async () => {
    const taken = new DatabaseFault(Object.assign(sql('23505'), { table: 'events' }), '23505');
    expect(await carriedOut(sql('RC001'), taken)).toEqual([3, 'done']);
  });

  it('is given up after ten times, by what the last one failed by', async () => {
    const last = sql('40P01');
    expect(await carriedOut(...Array.from({ length: 8 }, conflict), conflict())).toEqual([10, 'done']);
    expect(await carriedOut(...Array.from({ length: 9 }, conflict), last, conflict())).toEqual([10, last]);
  });

  it.each(['23505', 'RC002', ''])('is not begun again after any other failure: %j', async (code) => {
    const error = code === '' ? new Error('ours') : sql(code);
    expect(await carriedOut(error)).toEqual([1, error]);
  });
});
