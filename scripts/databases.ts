import { z } from 'zod';
import { postgresUrl, readConfig } from '#shared/config.ts';
import { databaseOf, ensureDatabases } from './start/databases.ts';
import { SERVICES } from './start/services.ts';

/**
 * Makes a database and a role for each service on the server of SUPERUSER_URL, and sets the roles' passwords: <NAME>_DATABASE_PASSWORD.
 * May be run again: what is there stays.
 */
const names = SERVICES.filter(({ needs }) => needs.includes('DATABASE_URL')).map(({ name }) => name);
const variableOf = (name: string): string => `${name.toUpperCase()}_DATABASE_PASSWORD`;

const environment = z.object({
  SUPERUSER_URL: postgresUrl,
  ...Object.fromEntries(names.map((name) => [variableOf(name), z.string()])),
});

const { SUPERUSER_URL, ...rest } = readConfig('databases', environment, process.env);
const passwords: Readonly<Record<string, unknown>> = rest;
await ensureDatabases(
  SUPERUSER_URL,
  names.map((name) => ({ name: databaseOf(name), password: String(passwords[variableOf(name)]) })),
);
console.log(`databases: ${names.map(databaseOf).join(', ')}`);
