import { BackOff, type Cause, handle, LogProof, Loop, PostgresEventStore } from '#event-sourcing';
import { addressDomain, Clock, errorFields, type Logger, LOGGER, readBrand, SERVICE_CONFIG } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import type { MailerConfig } from '../config.ts';
import { AWAITED, letters, PRIORITIES, WITHOUT_LINK } from '../letters/letters.ts';
import { mailsForEach } from './due-mail.ts';
import { addMails, postponeMail, removeMail, type TakenMail, takeMails } from './due-mails.ts';
import { mail, type RecordAccepted, type RecordBounced } from './mail.decider.ts';
import { type Address, Recipients } from './recipients.client.ts';
import { CONNECTIONS, Smtp, type Way } from './smtp.client.ts';

const EVERY_MS = 250;
/** While a connection is busy with one mail, the address of another is asked for. */
const MAILS_PER_CONNECTION = 2;
/** What the kept connections are kept for; the others take whatever comes first. */
const TAKEN_BY: Readonly<Record<Way, readonly number[]>> = { kept: [AWAITED], shared: PRIORITIES };
/** Longer than asking for the address and sending can take together. */
const LEASE_MS = 60_000;
const BACK_OFF_MAX_MS = 5 * 60_000;
const GIVE_UP_AFTER_MS = 5 * 24 * 3_600_000;

/** Sends what is due, at least once under one message id, and states what became of it. */
@Injectable()
export class Sending implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly underWay: Readonly<Record<Way, Set<Promise<void>>>> = { kept: new Set(), shared: new Set() };
  private readonly loops = (['kept', 'shared'] as const).map(
    (way) =>
      new Loop(() => this.fill(way), {
        backOff: new BackOff(EVERY_MS, EVERY_MS),
        alarm: (error) => {
          this.logger.warn(errorFields(error), 'mails cannot be looked for; trying again');
        },
      }),
  );

  constructor(
    private readonly store: PostgresEventStore,
    private readonly log: LogProof,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly recipients: Recipients,
    private readonly smtp: Smtp,
    @Inject(SERVICE_CONFIG) private readonly config: MailerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  private readonly brand = readBrand(this.config.brand);

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await Promise.all(Object.values(this.underWay).flatMap((mails) => [...mails]));
  }

  /** Takes as many as there is room for: a mail that takes long holds up its own connection alone. */
  private async fill(way: Way): Promise<number> {
    // An older copy does not know what has been sent.
    await this.log.require();
    const underWay = this.underWay[way];
    const limit = CONNECTIONS[way] * MAILS_PER_CONNECTION - underWay.size;
    const taken = await takeMails(this.pool, {
      priorities: TAKEN_BY[way],
      limit,
      leaseMs: LEASE_MS,
      perSecond: this.config.mailsPerSecond,
    });
    for (const due of taken) {
      const ends = this.attempt(due, way)
        .catch((error: unknown) => this.later(due, errorFields(error)))
        .finally(() => underWay.delete(ends));
      underWay.add(ends);
    }
    if (taken.length < limit) return EVERY_MS;
    await Promise.race(underWay);
    return 0;
  }

  private async attempt(due: TakenMail, way: Way): Promise<void> {
    const group = await this.recipients.group(due);
    if (group) return this.spread(due, group);
    const address = await this.recipients.address(due);
    // An erased account, a closed invitation, a sign-up that is over.
    if (!address) return void (await removeMail(this.pool, due.messageId));
    const delivery = await this.smtp.send(
      way,
      due.messageId,
      address.email,
      letters[letterOf(due, address)]({
        ...toldOf(address),
        origin: this.config.origin,
        brand: this.brand,
        ...due.details,
      }),
    );
    const at = this.clock.now().toISOString();
    if (delivery.outcome === 'accepted') return this.settle(due, { type: 'RecordAccepted', at });
    if (delivery.outcome === 'refused') return this.settle(due, { type: 'RecordBounced', bounce: 'hard', at });
    // Without its warning an account can never be suspended: that one is tried for as long as it takes.
    if (due.waitedMs > GIVE_UP_AFTER_MS && due.letter !== 'inactivity-warning')
      return this.settle(due, { type: 'RecordBounced', bounce: 'soft', at });
    await this.later(due, delivery.why);
  }

  /** One mail becomes one for each of a group. */
  private spread(due: TakenMail, accountIds: readonly string[]): Promise<void> {
    return this.store.transact(async (_inside, tx) => {
      await addMails(tx, mailsForEach(due, accountIds));
      await removeMail(tx, due.messageId);
    });
  }

  private settle(
    { messageId, eventId, correlationId }: TakenMail,
    outcome: RecordAccepted | RecordBounced,
  ): Promise<void> {
    const cause: Cause = { at: this.clock.now(), correlationId, causationId: eventId, actor: 'service:mailer' };
    return this.store.transact(async (inside, tx) => {
      await handle(inside, mail, messageId, outcome, cause);
      await removeMail(tx, messageId);
    });
  }

  private async later({ messageId, attempts }: TakenMail, why: object) {
    const afterMs = Math.min(500 * 2 ** Math.min(attempts, 20), BACK_OFF_MAX_MS);
    this.logger.warn({ messageId, attempts, afterMs, ...why }, 'a mail could not be sent; it is tried again');
    // Should this fail too, the lease ends by itself.
    await postponeMail(this.pool, messageId, afterMs).catch(() => undefined);
  }
}

/** What a letter knows by where it goes. */
const toldOf = ({ email, token }: Address) => ({ token, domain: addressDomain(email) });

const letterOf = ({ letter }: TakenMail, { token }: Address) =>
  (token === undefined ? WITHOUT_LINK[letter] : undefined) ?? letter;
