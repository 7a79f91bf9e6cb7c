import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Product } from '#testing';

/** One of the databases of a running product, as its superuser. */
export function databaseUrl({ dataFolder }: Product, database: string): string {
  const data = join(dataFolder, 'data');
  const { postgresPassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as {
    postgresPassword: string;
  };
  return `postgres://postgres:${encodeURIComponent(postgresPassword)}@127.0.0.1:${postmaster(data).port}/${database}`;
}

/** The process and the port of its PostgreSQL. */
export function postmaster(data: string): { pid: number; port: number } {
  const lines = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}
