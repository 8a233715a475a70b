/** `npm start` with stand-ins for the services, for its tests. */
import { fileURLToPath } from 'node:url';
import { SERVICES } from '#scripts/start/services.ts';
import { start } from '#scripts/start.ts';

const entry = fileURLToPath(new URL('start-stand-in-service.ts', import.meta.url));
const services = SERVICES.filter(({ name }) => name !== 'sync').map((service) => ({ ...service, entry }));

process.exit(await start({ argv: process.argv.slice(2), environment: process.env, services }));
