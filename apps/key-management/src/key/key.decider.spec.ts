import { fold } from '#event-sourcing';
import { given } from '#testing';
import fc from 'fast-check';
import { key, type KeyCommand, type KeyEvent } from './key.decider.ts';
import {
  bound,
  ending,
  expiring,
  issued,
  leakReported,
  renamed,
  revoked,
  revokedWithNote,
  rotated,
} from './key.example.ts';

const AT = '2026-01-01T00:00:00.000Z';
const rotate = {
  type: 'RotateKey',
  replacedBy: rotated.data.replacedBy,
  worksUntil: rotated.data.worksUntil,
  at: AT,
} as const;

describe('IssueKey', () => {
  it('makes the key work', () => {
    given(key, [])
      .when({ type: 'IssueKey', ...issued.data })
      .then([issued]);
  });
  it('keeps where the key works from', () => {
    given(key, [])
      .when({ type: 'IssueKey', ...bound.data })
      .then([bound]);
  });
  it('adds nothing when it is repeated', () => {
    given(key, [issued])
      .when({ type: 'IssueKey', ...issued.data })
      .thenNothing();
  });
  it('never revives a revoked key', () => {
    given(key, [issued, revoked])
      .when({ type: 'IssueKey', ...issued.data })
      .thenNothing();
  });
});

describe('RenameKey', () => {
  const rename = { type: 'RenameKey', name: renamed.data.name } as const;

  it('gives another name, which the successor of the key has, too', () => {
    given(key, [issued]).when(rename).then([renamed]);
    expect(fold(key, [issued, renamed])).toMatchObject({ status: 'active', issued: { name: renamed.data.name } });
  });
  it('adds nothing when it is repeated, also while the key is being replaced', () => {
    given(key, [issued, renamed]).when(rename).thenNothing();
    given(key, [issued, rotated, renamed]).when(rename).thenNothing();
  });
  it('is refused for a revoked key, which people know by its name', () => {
    given(key, [issued, revoked]).when(rename).thenRefused('key/no-longer-active');
  });
});

describe('RotateKey', () => {
  it('lets the old key work until the instant given', () => {
    given(key, [issued]).when(rotate).then([rotated]);
  });
  it('widens nothing: where the old key works from stays with it', () => {
    given(key, [bound]).when(rotate).then([rotated]);
    expect(fold(key, [bound, rotated])).toMatchObject({ issued: { addresses: bound.data.addresses } });
  });
  it('never lengthens a life', () => {
    const short = { ...issued, data: { ...issued.data, worksUntil: '2026-01-01T12:00:00.000Z' } };
    given(key, [short])
      .when(rotate)
      .then([{ type: 'KeyRotated', data: { ...rotated.data, worksUntil: '2026-01-01T12:00:00.000Z' } }]);
  });
  it('ends a long life at the instant given', () => {
    given(key, [{ ...issued, data: { ...issued.data, worksUntil: '2999-01-01T00:00:00.000Z' } }])
      .when(rotate)
      .then([rotated]);
  });
  it('is refused for a key that was rotated', () => {
    given(key, [issued, rotated]).when(rotate).thenRefused('key/no-longer-active');
  });
  it('is refused for a revoked key', () => {
    given(key, [issued, revoked]).when(rotate).thenRefused('key/no-longer-active');
  });
  it('is refused for an expired key', () => {
    given(key, [{ ...issued, data: { ...issued.data, worksUntil: AT } }])
      .when(rotate)
      .thenRefused('key/no-longer-active');
  });
  it('is refused for a key that never was', () => {
    given(key, []).when(rotate).thenRefused('key/unknown');
  });
});

it('is rotated, or works on while its leak is reported but not yet decided upon', () => {
  expect(fold(key, [issued, rotated])).toMatchObject({ status: 'rotated', worksUntil: rotated.data.worksUntil });
  expect(fold(key, [issued, leakReported])).toEqual(fold(key, [issued]));
});

describe('RevokeKey', () => {
  it('revokes', () => {
    given(key, [issued]).when({ type: 'RevokeKey', reason: 'requested' }).then([revoked]);
  });
  it('keeps what whoever revoked it typed, and the first such word alone', () => {
    const { note } = revokedWithNote.data;
    given(key, [issued]).when({ type: 'RevokeKey', reason: 'requested', note }).then([revokedWithNote]);
    given(key, [issued, revoked]).when({ type: 'RevokeKey', reason: 'requested', note }).thenNothing();
    expect([issued, revokedWithNote].reduce(key.evolve, key.initial)).toMatchObject({ status: 'revoked', note });
  });
  it('revokes a key that was rotated', () => {
    given(key, [issued, rotated]).when({ type: 'RevokeKey', reason: 'requested' }).then([revoked]);
  });
  it('keeps the first reason when the command is retried', () => {
    given(key, [issued, revoked]).when({ type: 'RevokeKey', reason: 'leaked' }).thenNothing();
  });
  it('is refused for a key that never was', () => {
    given(key, []).when({ type: 'RevokeKey', reason: 'requested' }).thenRefused('key/unknown');
  });
});

describe('ReportLeak', () => {
  it('revokes and says why', () => {
    given(key, [issued])
      .when({ type: 'ReportLeak' })
      .then([leakReported, { ...revoked, data: { ...revoked.data, reason: 'leaked' } }]);
  });
  it('adds nothing for a revoked key', () => {
    given(key, [issued, revoked]).when({ type: 'ReportLeak' }).thenNothing();
  });
});

describe('RemindOfExpiry', () => {
  const remind = { type: 'RemindOfExpiry', days: 14, projectName: 'Mill', at: AT } as const;
  const last = { ...remind, days: 3, at: '2026-01-12T06:00:00.000Z' } as const;
  const said = { ...expiring, data: { ...expiring.data, days: 3 as const, daysLeft: 3 } };

  it('tells when the key expires, and in how many days, begun ones counted whole', () => {
    given(key, [ending]).when(remind).then([expiring]);
    given(key, [ending, expiring]).when(last).then([said]);
  });
  it('tells each once, and the earlier never after the later', () => {
    given(key, [ending, expiring]).when(remind).thenNothing();
    given(key, [ending, expiring, said]).when(last).thenNothing();
    given(key, [ending, said]).when(remind).thenNothing();
  });
  it('tells nothing of a key that was revoked or replaced, has expired, or never does', () => {
    for (const past of [[ending, revoked], [ending, rotated], [issued]]) given(key, past).when(remind).thenNothing();
    given(key, [ending])
      .when({ ...remind, at: ending.data.worksUntil })
      .thenNothing();
  });
  it('is refused for a key that there is not', () => {
    given(key, []).when(remind).thenRefused('key/unknown');
  });
});

const commands: fc.Arbitrary<KeyCommand> = fc.oneof(
  fc.constant({ type: 'IssueKey' as const, ...issued.data }),
  fc.constant(rotate),
  fc.constant({ type: 'ReportLeak' as const }),
  fc.constant({ type: 'RemindOfExpiry' as const, days: 14 as const, projectName: 'Mill', at: AT }),
  fc.record({
    type: fc.constant('RevokeKey' as const),
    reason: fc.constantFrom('requested' as const, 'leaked' as const, 'owner-left' as const),
  }),
);

it('never brings a revoked key back, whatever follows', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 20 }), (list) => {
      const events: KeyEvent[] = [issued, revoked];
      for (const command of list) {
        const decided = key.decide(command, fold(key, events));
        if (!('refused' in decided)) events.push(...decided);
      }
      expect(events).toEqual([issued, revoked]);
    }),
  );
});
