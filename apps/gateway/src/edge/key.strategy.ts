import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Activity } from '../activity/activity.ts';
import { admit, type KeyHolder } from '../gate/admit.ts';
import { KeyGate } from '../gate/key-gate.ts';
import { presentedKey } from '../http/credentials.ts';
import { CredentialStrategy } from './strategy.ts';

/** Whose API key it is, on the routes of the table; `/authz` and the internal ports ask the gate itself. */
@Injectable()
export class KeyStrategy extends CredentialStrategy<KeyHolder> {
  constructor(
    private readonly gate: KeyGate,
    private readonly activity: Activity,
  ) {
    super();
  }

  /** @throws Problem for a key that is missing, or opens nothing. */
  async validate(request: FastifyRequest): Promise<KeyHolder> {
    return admit({ gate: this.gate, activity: this.activity }, presentedKey(request.headers), request.ip);
  }
}
