import { z } from 'zod';
import { type Clock, DevClock, SystemClock } from '../base/clock.ts';
import { ConfigError, environment, onlyChecks, readConfig, readTogether } from '../base/config.ts';
import { errorFields, type Logger, makeLogger } from '../base/logger.ts';
import { startObservingServer } from '../observe/observing-server.ts';
import { startTracing } from '../observe/tracing.ts';
import { refuseSamples } from '../base/sample-secrets.ts';
import { flag, port } from '../base/settings.ts';

/** How a process is watched. */
export const watchConfig = z.object({
  /** Where `/metrics`, `/livez` and `/readyz` are answered; nowhere when it is not set. */
  metricsPort: port(9464).optional(),
  metricsHost: z.string().default('127.0.0.1'),
  /** Where traces go by OTLP/HTTP; nowhere when it is not set. */
  otelExporterOtlpEndpoint: z
    .url({ protocol: /^https?$/, error: 'must be a URL, such as http://localhost:4318' })
    .optional(),
});

const processConfig = watchConfig.extend({
  /** Development aids: a clock that can be moved, reflection. */
  rollcallDev: flag().default(false),
  /** The offset of the clock that the processes of an installation share, in development. */
  devClockFile: z.string().optional(),
});

/** What a process of ours finds around it. */
export interface ProcessEnvironment {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly development: boolean;
}

/**
 * Runs one service as a process of its own: reads its configuration, all faults at once, and starts it. SIGTERM and SIGINT
 * end it cleanly, and so does the end of the process that started it, which is told when it is ready (Node's IPC channel).
 * A configuration that cannot be used ends it with 78; with `--check-config` it ends once the configuration is read, and writes the names that it has read.
 */
export async function runProcess<C>(
  name: string,
  read: (env: NodeJS.ProcessEnv, development: boolean) => C,
  start: (config: C, surroundings: ProcessEnvironment) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  const logger = makeLogger(process.env.LOG_LEVEL).child({ service: name });
  const checks = onlyChecks();
  try {
    const {
      config,
      around: { rollcallDev: development, devClockFile, ...watch },
    } = readAll(process.env, read);
    if (checks) return;
    const unwatch = await startWatch(watch);
    const running = await start(config, {
      logger,
      development,
      clock: development ? new DevClock(devClockFile) : new SystemClock(),
    });
    const end = () =>
      void running
        .stop()
        .then(unwatch)
        .then(
          () => process.exit(0),
          (error: unknown) => {
            logger.fatal(errorFields(error), `${name} did not end cleanly`);
            process.exit(1);
          },
        );
    for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, end);
    logger.info('ready');
    process.send?.('ready');
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const fault of error.faults) console.error(`${name}: ${fault}`);
      process.exit(ConfigError.EXIT);
    }
    logger.fatal(errorFields(error), `${name} could not start`);
    process.exit(1);
  }
}

function readAll<C>(env: NodeJS.ProcessEnv, read: (env: NodeJS.ProcessEnv, development: boolean) => C) {
  const values = environment(env, processConfig);
  const development = processConfig.safeParse(values).data?.rollcallDev === true;
  return readTogether({
    around: () => readConfig(processConfig, values),
    config: () => read(env, development),
    samples: () => {
      refuseSamples(env, development);
    },
  });
}

/** Makes a process visible from outside, as far as it is wanted; what it answers ends that. */
export async function startWatch({
  metricsPort,
  metricsHost,
  otelExporterOtlpEndpoint,
}: {
  metricsPort?: number | undefined;
  metricsHost?: string;
  otelExporterOtlpEndpoint?: string | undefined;
}): Promise<() => Promise<void>> {
  const stopTracing = otelExporterOtlpEndpoint === undefined ? undefined : await startTracing(otelExporterOtlpEndpoint);
  const stopServer = metricsPort === undefined ? undefined : await startObservingServer(metricsPort, metricsHost);
  return async () => {
    await stopServer?.();
    await stopTracing?.();
  };
}
