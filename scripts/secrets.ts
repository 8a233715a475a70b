import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { completeDotenv } from './start/dotenv.ts';
import { SERVICES } from './start/services.ts';
import { errorCode } from './start/start-problem.ts';
import { writeFileAtomically } from './start/write-file-atomically.ts';

const FILE = fileURLToPath(new URL('../.env', import.meta.url));
const HELP = `npm run secrets -- [--file F]

Makes the secrets of the distributed system, which docker-compose.yml reads from .env: passwords of the databases, the bus and the first
admin, and the keys by which tokens are signed. The file is for its owner only. What it already holds stays as it is.

  --file    another file than .env in the project
  --help    shows this text
`;

/** Empty when there is none. */
async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

const { values } = parseArgs({ options: { file: { type: 'string', default: FILE }, help: { type: 'boolean' } } });
if (values.help === true) console.log(HELP);
else {
  const kept = await read(values.file);
  await writeFileAtomically(values.file, completeDotenv(kept, SERVICES));
  console.log(`${values.file} holds every secret; the first admin is in it as ADMIN_EMAIL and ADMIN_PASSWORD.`);
}
