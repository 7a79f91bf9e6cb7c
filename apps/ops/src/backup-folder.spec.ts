import { segmentsOf } from './backup-folder.ts';

describe('the write-ahead log that a copy needs', () => {
  const MIB = 2 ** 20;
  it('is named file by file, from the one where it begins to the one where it ends', () => {
    expect(segmentsOf({ timeline: 1, start: '0/2000028', end: '0/2000158' }, 16 * MIB)).toEqual([
      '000000010000000000000002',
    ]);
    expect(segmentsOf({ timeline: 10, start: '0/FF000028', end: '1/1000028' }, 16 * MIB)).toEqual([
      '0000000A00000000000000FF',
      '0000000A0000000100000000',
      '0000000A0000000100000001',
    ]);
  });

  it('does not need the file that begins where it ends', () => {
    expect(segmentsOf({ timeline: 1, start: '0/2000028', end: '0/3000000' }, 16 * MIB)).toEqual([
      '000000010000000000000002',
    ]);
  });
});
