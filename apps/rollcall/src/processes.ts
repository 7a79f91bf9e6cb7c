import { parseArgs } from 'node:util';
import { GRPC_PACKAGES } from '#contracts';
import type { Processes } from './services.ts';

const USAGE = 'npm run start:services -- [--gateways 2] [--replicas key-management=2] …';
const MAX = 8;

/** The arguments of `npm run start:services`. A wrong one ends the process with 2 and says how it is used. */
export function readProcesses(args: readonly string[]): Processes {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        gateways: { type: 'string', default: '1' },
        replicas: { type: 'string', multiple: true, default: [] },
      },
    });
    return {
      gateways: count('--gateways', values.gateways),
      replicas: Object.fromEntries(values.replicas.map(replica)),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nUsage: ${USAGE}`);
    process.exit(2);
  }
}

function replica(text: string): [string, number] {
  const [name = '', number = ''] = text.split('=');
  if (!Object.hasOwn(GRPC_PACKAGES, name))
    throw new Error(
      `--replicas ${text}: there is no service "${name}". Services: ${Object.keys(GRPC_PACKAGES).join(', ')}`,
    );
  return [name, count(`--replicas ${name}`, number)];
}

function count(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > MAX)
    throw new Error(`${option}: must be a whole number from 1 to ${MAX}`);
  return number;
}
