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

  /** The accounts of a group; undefined where the recipient is none. */
  async group({ recipient, recipientId, correlationId }: DueMail): Promise<readonly string[] | undefined> {
    const organizations = this.peers.of('organization', 'Organizations');
    const about = { organizationId: recipientId };
    switch (recipient) {
      case 'owners':
        return (await organizations.listOwners(about, context(correlationId))).accountIds;
      case 'members':
        return (await organizations.listActiveMembers(about, context(correlationId))).accountIds;
      case 'co-owners':
        return (await organizations.listCoOwners({ accountId: recipientId }, context(correlationId))).accountIds;
      default:
        return undefined;
    }
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
      case 'members':
      case 'co-owners':
        throw new Error(`${recipient} are written to one by one`);
      default:
        return this.peers
          .of('identity', 'Recoveries')
          .addressLetter({ purpose: recipient, id: recipientId }, context(correlationId));
    }
  }
}

const context = (correlationId: string) => ({ correlationId, actor: 'service:mailer' });
