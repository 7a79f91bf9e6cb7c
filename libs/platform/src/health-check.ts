// A program: ends with 0 when the process it shares a container with is well, with 1 otherwise. Images have no curl.
import { Client, credentials } from '@grpc/grpc-js';

const WITHIN_MS = 4_000;
const SERVING = 1;

/** `grpc.health.v1.Health/Check` without a service name: an empty message out; field 1 of the answer is the status. */
const serves = (port: string) => new Promise<boolean>((answered) => {
  new Client(`127.0.0.1:${port}`, credentials.createInsecure()).makeUnaryRequest('/grpc.health.v1.Health/Check', () => Buffer.alloc(0), (bytes) => bytes[1] === SERVING, Buffer.alloc(0), { deadline: Date.now() + WITHIN_MS },
    (error, serving) => { answered(!error && serving === true); });
});

const answers = (url: string) => fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) }).then(({ ok }) => ok, () => false);

const { GRPC_ADDRESS, HEALTH_URL } = process.env;
const well = HEALTH_URL ? await answers(HEALTH_URL) : await serves(GRPC_ADDRESS?.split(':').pop() ?? '50051');
process.exit(well ? 0 : 1);
