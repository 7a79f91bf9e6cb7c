import { ConfigError } from '#platform';
import type { Rollcall } from './rollcall.ts';
import { readSettings, type Settings } from './settings.ts';

/** Runs Rollcall until Ctrl-C or SIGTERM, and tells people where it is. A second Ctrl-C does not wait. */
export async function run(start: (settings: Settings) => Promise<Rollcall>): Promise<void> {
  const began = performance.now();
  try {
    const settings = readSettings(process.env);
    const rollcall = await start(settings);
    console.log(`Rollcall is ready at ${settings.origin} (${((performance.now() - began) / 1000).toFixed(1)} s).
  First steps, to copy:  ${settings.origin}/
  Documentation:         ${settings.origin}/docs${settings.development ? `\n  Caught mail:           ${settings.origin}/dev/mail` : ''}
  Data and log:          ${settings.dataFolder}${moreGateways(rollcall)}
  For your services:     ${rollcall.gateways.map(({ internalPort, internalGrpcPort }) => `http://127.0.0.1:${internalPort} (gRPC: 127.0.0.1:${internalGrpcPort})`).join(', ')}
Ctrl-C ends it.`);
    endOnSignal(rollcall);
    restartOnSignal(rollcall);
  } catch (error) {
    if (error instanceof ConfigError)
      for (const fault of error.faults) console.error(`Rollcall cannot start: ${fault}`);
    else console.error(`Rollcall cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof ConfigError ? ConfigError.EXIT : 1);
  }
}

const moreGateways = ({ gateways: [, ...more] }: Rollcall) =>
  more.length === 0 ? '' : `\n  More gateways:         ${more.map(({ port }) => `http://localhost:${port}`).join(' ')}`;

function restartOnSignal({ restart }: Rollcall) {
  if (!restart) return;
  let under: Promise<void> = Promise.resolve();
  process.on('SIGUSR2', () => {
    under = under.then(restart).then(() => {
      console.log('All processes were started again.');
    });
  });
}

function endOnSignal(rollcall: Rollcall) {
  let ending = false;
  const end = () => {
    if (ending) process.exit(130);
    ending = true;
    void rollcall.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`Rollcall did not end cleanly: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}
