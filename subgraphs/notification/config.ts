import { z } from 'zod';
import { httpUrl, oneBus, readConfig, subgraphEnvironment } from '#shared/config.ts';

/** A reader rather sees a copy that is a little old than waits longer for it. */
const DEFAULT_PROFILE_WAIT_MS = 300;

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Where the user service answers GraphQL: it is asked about users of whom no event has come yet. */
    USER_URL: httpUrl,
    /** Milliseconds; how long a reader waits for a user's event that is on its way. */
    PROFILE_WAIT_MS: z.coerce.number('is not a number').int().min(0).max(10_000).default(DEFAULT_PROFILE_WAIT_MS),
    /** Where documents are kept; in the service's own PostgreSQL database when unset. */
    MONGODB_URL: z.url({ protocol: /^mongodb(\+srv)?$/, error: 'is not a mongodb:// URL' }).optional(),
    /** The server that takes e-mail. */
    SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'is not an smtp:// or smtps:// URL' }).optional(),
    /** Where e-mails are put as .eml files when there is no SMTP_URL. */
    MAIL_FOLDER: z.string().optional(),
    /** Who e-mails come from. */
    MAIL_FROM: z.string().default('Lockstep <no-reply@lockstep.example>'),
  })
  .check(oneBus)
  .refine(({ SMTP_URL, MAIL_FOLDER }) => (SMTP_URL ?? MAIL_FOLDER) !== undefined, {
    path: ['SMTP_URL'],
    message: 'is not set',
  });
export type NotificationConfig = z.output<typeof environment>;

/** Everything the notification service reads from its environment. Throws when something is missing or malformed. */
export function readNotificationConfig(): NotificationConfig {
  return readConfig('notification', environment, process.env);
}
