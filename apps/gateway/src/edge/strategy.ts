import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-strategy';

/** What a strategy says of a request: who asks, where they must go first, or neither. */
export interface Judgement<P> {
  readonly principal?: P;
  readonly location?: string;
}

type Verify = (request: FastifyRequest, done: (error: unknown, principal?: unknown) => void) => void;

class Credential extends Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: FastifyRequest): void {
    this.verify(request, (error, principal) => {
      if (error) this.error(error);
      else if (principal === undefined) this.fail();
      else this.success(principal);
    });
  }
}

/** Passport keeps strategies in one registry of the process, by name: a second gateway's would judge the first one's requests. */
const REGISTERED_NOWHERE = { use: () => undefined };

/** Who holds the credential that a request carries, as `validate` answers it; undefined for one that carries none. */
export abstract class CredentialStrategy<P> extends PassportStrategy(Credential) {
  abstract override validate(request: FastifyRequest): Promise<P | undefined>;

  getPassportInstance() {
    return REGISTERED_NOWHERE;
  }
}

/** Runs a strategy as passport does, on a child object for each request, and puts nothing on the request. @throws what the strategy throws, as it is. */
export const judge = <P>(strategy: Strategy, request: FastifyRequest): Promise<Judgement<P>> =>
  new Promise((answer, reject) => {
    const nobody = () => {
      answer({});
    };
    const ends: Omit<Strategy, 'authenticate'> = {
      success: (principal) => {
        answer({ principal: principal as P });
      },
      redirect: (location) => {
        answer({ location });
      },
      fail: nobody,
      pass: nobody,
      error: reject,
    };
    (Object.assign(Object.create(strategy), ends) as Strategy).authenticate(request);
  });
