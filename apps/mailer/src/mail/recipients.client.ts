import { Peers } from '#platform';
import { Injectable } from '@nestjs/common';
import type { DueMail } from './due-mail.ts';

/** Where a mail goes, and the token of its link where it has one. */
export interface Address {
  readonly email: string;
  readonly token: string | undefined;
}

/** Asks the owners of addresses, at the moment of need. What they answer is kept nowhere. */
@Injectable()
export class Recipients {
  constructor(private readonly peers: Peers) {}

  /** Undefined when the recipient is gone. */
  async address(mail: DueMail): Promise<Address | undefined> {
    const answer = await this.ask(mail);
    // An erased person's address is replaced by a text without @.
    return answer.email?.includes('@') === true ? { email: answer.email, token: answer.token } : undefined;
  }

  async owners({ recipientId, correlationId }: DueMail): Promise<readonly string[]> {
    return (
      await this.peers
        .of('organization', 'Organizations')
        .listOwners({ organizationId: recipientId }, context(correlationId))
    ).accountIds;
  }

  private ask({
    recipient,
    recipientId,
    correlationId,
  }: DueMail): Promise<{ email?: string | undefined; token?: string | undefined }> {
    switch (recipient) {
      case 'sign-up':
        return this.peers.of('identity', 'SignUps').addressSignUp({ signUpId: recipientId }, context(correlationId));
      case 'invitation':
        return this.peers
          .of('organization', 'Invitations')
          .addressInvitation({ invitationId: recipientId }, context(correlationId));
      case 'account':
        return this.peers.of('identity', 'Accounts').addressAccount({ accountId: recipientId }, context(correlationId));
      case 'owners':
        throw new Error('owners are written to one by one');
      default:
        return this.peers
          .of('identity', 'Recoveries')
          .addressLetter({ purpose: recipient, id: recipientId }, context(correlationId));
    }
  }
}

const context = (correlationId: string) => ({ correlationId, actor: 'service:mailer' });
