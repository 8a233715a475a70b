import { z } from 'zod';
import { oneBus, privateKey, readConfig, subgraphEnvironment } from '#shared/config.ts';

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Signs access tokens; its public half is published. */
    JWT_PRIVATE_KEY: privateKey,
    /** The first admin, made at start when there is no user with this e-mail. */
    ADMIN_EMAIL: z.email('is not an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().min(8, 'is shorter than 8 characters').optional(),
  })
  .check(oneBus);
export type UserConfig = z.output<typeof environment>;

/** Everything the user service reads from its environment. Throws when something is missing or malformed. */
export function readUserConfig(): UserConfig {
  return readConfig('user', environment, process.env);
}
