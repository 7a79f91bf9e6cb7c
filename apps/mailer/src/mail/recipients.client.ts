import { Peers } from '#platform';
import { Injectable } from '@nestjs/common';
import type { DueMail } from './due-mail.ts';

/** Where a mail goes, and the token of its link where it has one. */
export interface Address { readonly email: string; readonly token: string | undefined }

/** Asks the owners of addresses, at the moment of need. What they answer is kept nowhere. */
@Injectable()
export class Recipients {
  constructor(private readonly peers: Peers) {}

  /** Undefined when there is nobody to write to any more. */
  async address({ recipient, recipientId, correlationId }: DueMail): Promise<Address | undefined> {
    const answer = recipient === 'invitation'
      ? await this.peers.of('organization', 'Invitations').addressInvitation({ invitationId: recipientId }, context(correlationId))
      : await this.peers.of('identity', 'Accounts').addressMail({ about: recipient, id: recipientId }, context(correlationId));
    // What stands where an erased person's address was has no @.
    return answer.email?.includes('@') === true ? { email: answer.email, token: answer.token } : undefined;
  }

  async owners({ recipientId, correlationId }: DueMail): Promise<readonly string[]> {
    return (await this.peers.of('organization', 'Organizations').listOwners({ organizationId: recipientId }, context(correlationId))).accountIds;
  }
}

const context = (correlationId: string) => ({ correlationId, actor: 'service:mailer' });
