import { PostgresBus } from '#bus';
import { DevClock, errorFields, openPool, readConfig, startWatch, SystemClock } from '#platform';
import { gatewayConfig } from '../../gateway/src/config.ts';
import { startGateway } from '../../gateway/src/start-gateway.ts';
import { COMPOSITION, startInOrder } from './composition.ts';
import { type GatewayPorts, type LocalInstallation, prepareInstallation, type Stop } from './local-installation.ts';
import type { Settings } from './settings.ts';
import { tell } from './tell.ts';

/** All of Rollcall, running. */
export interface Rollcall {
  readonly gateways: readonly GatewayPorts[];
  stop(): Promise<void>;
  /** Ends and starts its processes, one after the other, with what the secrets are by now. Only where it has several. */
  readonly restart?: () => Promise<void>;
}

/** Starts everything in this process, beside PostgreSQL. What was started is stopped again when something fails. @throws Error that says what to do. */
export async function startRollcall(settings: Settings): Promise<Rollcall> {
  return stoppable(async (stops) => startAll(await prepareInstallation(settings, stops), stops));
}

/** Runs a start; what it has started is stopped in the opposite order, also when it fails half-way. */
export async function stoppable(start: (stops: Stop[]) => Promise<LocalInstallation>): Promise<Rollcall> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const next of stops.splice(0).reverse()) await next();
  };
  try {
    const { gateways } = await start(stops);
    return { gateways, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(ground: LocalInstallation, stops: Stop[]): Promise<LocalInstallation> {
  const { settings, logger, busDatabaseUrl, serviceValues, gateways, gatewayValues } = ground;
  stops.push(await startWatch(settings));
  const alarm = (what: string, error: unknown) => {
    logger.warn({ what, ...errorFields(error) }, 'trying again');
  };
  const busPool = openPool(busDatabaseUrl, { max: 8, application: 'bus', logger });
  const bus = new PostgresBus({ pool: busPool, alarm });
  stops.push(
    () => busPool.end(),
    () => bus.close(),
  );

  const clock = settings.development ? new DevClock() : new SystemClock();
  tell('Starting the services …');
  await startInOrder(async (name) => {
    const running = await COMPOSITION[name].start(
      serviceValues(name),
      { clock, logger: logger.child({ service: name }), bus },
      { reflection: settings.development },
    );
    stops.push(() => running.stop());
  });
  for (const ports of gateways) {
    const gateway = await startGateway({
      config: readConfig(gatewayConfig, gatewayValues(ports)),
      clock,
      logger: logger.child({ service: 'gateway' }),
    });
    stops.push(() => gateway.stop());
  }
  return ground;
}
