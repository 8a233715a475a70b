import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { accountFor, canPassThrough, isRoot } from './postgres-account.ts';
import { makeSharedDirectory, runnablePostgres, SHARED_DIRECTORY } from './postgres-binaries.ts';
import { clusterExists } from './postgres-cluster.ts';
import { stopOrphan } from './postgres-orphan.ts';
import { errorCode, StartProblem } from './start-problem.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/**
 * The folder of the data directory's cluster: in it, or elsewhere when we are root and PostgreSQL's own user cannot reach it
 * there. A random id kept in the data directory names that place, so that a deleted data directory never meets an old cluster.
 */
export async function placeCluster(directory: DataDirectory): Promise<string> {
  const id = await readClusterId(directory);
  if (id !== undefined) return placeElsewhere(id);
  const stays = !isRoot() || (await clusterExists(directory.cluster));
  if (stays || (await canPassThrough(directory.path, await accountFor(directory.cluster)))) return directory.cluster;
  const newId = randomUUID();
  await writeFileAtomically(directory.clusterIdFile, `${newId}\n`);
  return placeElsewhere(newId);
}

/** Removes the cluster wherever it is, and stops the server that someone killed had left running on it. */
export async function removeCluster(directory: DataDirectory): Promise<void> {
  const id = await readClusterId(directory).catch(() => undefined);
  const elsewhere = id === undefined ? [] : [join(SHARED_DIRECTORY, id)];
  for (const cluster of [directory.cluster, ...elsewhere.map((folder) => join(folder, 'postgres'))]) {
    if (!(await clusterExists(cluster).catch(() => false))) continue;
    const account = await accountFor(cluster);
    await stopOrphan({ directory: cluster, binaries: await runnablePostgres(account), account });
  }
  await Promise.all(
    [directory.cluster, ...elsewhere].map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })),
  );
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

async function readClusterId({ clusterIdFile }: DataDirectory): Promise<string | undefined> {
  let id: string;
  try {
    id = (await readFile(clusterIdFile, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new StartProblem(`${clusterIdFile} cannot be read; make it readable, or begin anew with --reset.`, {
      cause: error,
    });
  }
  if (ID.test(id)) return id;
  throw new StartProblem(`${clusterIdFile} is damaged: put a copy of it back, or begin anew with --reset.`);
}

async function placeElsewhere(id: string): Promise<string> {
  const cluster = join(SHARED_DIRECTORY, id, 'postgres');
  if (!isRoot()) return cluster;
  try {
    await makeSharedDirectory();
    await mkdir(dirname(cluster), { recursive: true });
    await chmod(dirname(cluster), 0o711);
    return cluster;
  } catch (error) {
    throw new StartProblem(
      `PostgreSQL's own user cannot reach the data directory, and ${SHARED_DIRECTORY}, where its data would go instead, cannot be written (${errorCode(error) ?? String(error)}).`,
      { cause: error },
    );
  }
}
