import { given } from '#testing';
import { LINKS, type LinkKind, type MailedLinkEvent, mailedLinks } from './mailed-link.decider.ts';

const ASKED = '2026-04-01T12:00:00.000Z';
const MINUTE_MS = 60_000;
const later = (ms: number) => new Date(Date.parse(ASKED) + ms).toISOString();
const data = { accountId: 'ada', credentials: 3, requestedAt: ASKED };

/** What stands in the logs of installations, and how long people have. */
const NAMES = {
  reset: ['PasswordResetRequested', 'PasswordResetUsed', 30],
  reactivation: ['ReactivationRequested', 'ReactivationUsed', 24 * 60],
  recovery: ['FactorRecoveryAsked', 'FactorRecoveryConfirmed', 60],
} as const;

describe.each(Object.keys(LINKS) as LinkKind[])('a link for %s', (kind) => {
  const [asked, spent, minutes] = NAMES[kind];
  const requested: MailedLinkEvent = { type: asked, data };
  const used: MailedLinkEvent = { type: spent, data: {} };
  const request = { type: 'RequestLink', accountId: 'ada', credentials: 3, at: ASKED } as const;
  const use = (change: object = {}) => ({ type: 'UseLink', credentials: 3, at: later(1), ...change }) as const;
  const decider = mailedLinks[kind];

  it('is asked for once', () => {
    given(decider, []).when(request).then([requested]);
    given(decider, [requested]).when(request).thenNothing();
    given(decider, [requested, used]).when(request).thenNothing();
  });
  it('is used once, and only if it was asked for', () => {
    given(decider, [requested]).when(use()).then([used]);
    given(decider, [requested, used]).when(use()).thenRefused('link/unknown');
    given(decider, []).when(use()).thenRefused('link/unknown');
  });
  it(`works for ${minutes} minutes`, () => {
    given(decider, [requested])
      .when(use({ at: later(minutes * MINUTE_MS - 1) }))
      .then([used]);
    given(decider, [requested])
      .when(use({ at: later(minutes * MINUTE_MS) }))
      .thenRefused('link/unknown');
  });
  it('is dead when anything that proves the account has changed since', () => {
    for (const credentials of [2, 4])
      given(decider, [requested]).when(use({ credentials })).thenRefused('link/unknown');
  });
});
