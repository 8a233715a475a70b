import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `npm run migration -- <service> <name>

Writes the SQL that brings a service's database from its last migration to its present tables, for example
  npm run migration -- user add-nickname
<service> is a subgraph, or "bus" for the event bus in PostgreSQL.
`;

/** Where a service's tables are defined, and where its migrations lie. */
function placesOf(service: string): { readonly schema: string; readonly out: string } {
  if (service === 'bus')
    return { schema: 'shared/events/postgres-bus.ts', out: 'shared/events/postgres-bus-migrations' };
  return { schema: `subgraphs/${service}/store/tables.ts`, out: `subgraphs/${service}/store/migrations` };
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [service, name] = positionals;
  if (values.help || service === undefined || name === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { schema, out } = placesOf(service);
  if (!existsSync(`${root}/${schema}`)) {
    process.stderr.write(`There is no service "${service}": ${schema} is not there.\n`);
    return 2;
  }
  const options = ['--dialect', 'postgresql', '--schema', schema, '--out', out, '--name', name];
  const { status } = spawnSync('drizzle-kit', ['generate', ...options], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status ?? 1;
}

process.exitCode = main();
