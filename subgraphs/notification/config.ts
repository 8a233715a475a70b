import { z } from 'zod';
import { readConfig, subgraphEnvironment } from '#shared/config.ts';

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Where documents are kept; in the service's own PostgreSQL database when unset. */
    MONGODB_URL: z.url({ protocol: /^mongodb(\+srv)?$/, error: 'is not a mongodb:// URL' }).optional(),
    /** The server that takes e-mail. */
    SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'is not an smtp:// or smtps:// URL' }).optional(),
    /** Where e-mails are put as .eml files when there is no SMTP_URL. */
    MAIL_FOLDER: z.string().optional(),
    /** Who e-mails come from. */
    MAIL_FROM: z.string().default('Lockstep <no-reply@lockstep.example>'),
  })
  .refine(({ SMTP_URL, MAIL_FOLDER }) => (SMTP_URL ?? MAIL_FOLDER) !== undefined, {
    path: ['SMTP_URL'],
    message: 'is not set',
  });
export type NotificationConfig = z.output<typeof environment>;

/** Everything the notification service reads from its environment. Throws when something is missing or malformed. */
export function readNotificationConfig(): NotificationConfig {
  return readConfig('notification', environment, process.env);
}
