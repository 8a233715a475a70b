import { serviceTokens } from '#shared/identity/tokens.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { openSubgraphService, type SubgraphService } from '#shared/service.ts';
import { readNotificationConfig, type NotificationConfig } from './config.ts';
import { followUsersAndOrders, NOTED } from './events/on-event.ts';
import { startMailroom } from './events/workers.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { Calls } from './store/calls.ts';
import type { DocumentStore } from './store/documents/document-store.ts';
import { openMongoDocuments } from './store/documents/mongo-documents.ts';
import { openPostgresDocuments } from './store/documents/postgres-documents.ts';
import { openFolderMailer } from './store/mail/folder-mailer.ts';
import type { Mailer } from './store/mail/mailer.ts';
import { openSmtpMailer } from './store/mail/smtp-mailer.ts';
import { Notifications } from './store/notifications.ts';
import { Profiles } from './store/profiles.ts';
import { askUserService } from './store/users.ts';

/** Opens the notification service: config → open → wire → listen. Closing it drains it. */
export async function startNotification(config: NotificationConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'notification', mainUrl: import.meta.url, config });
  const { db, bus, idempotency, feed, log, afterCommit } = service;
  const documents = service.use(await openDocuments(config, service));
  service.dependOn('documents', { check: () => documents.check(), critical: true });
  const mailer = service.use(openMailer(config, service));
  service.dependOn('mail', { check: () => mailer.check(), critical: false });
  const [notifications, profiles, calls] = await Promise.all([
    Notifications.open(documents),
    Profiles.open(documents),
    Calls.open(documents),
  ]);
  const mailroom = service.use(startMailroom({ db, notifications, profiles, mailer, log, afterCommit }));
  const afterWrite = (): void => mailroom.wake();
  const token = serviceTokens('notification', config.SERVICE_PRIVATE_KEY);
  const isUser = askUserService({ url: config.USER_URL, token });
  const services = { notifications, profiles, isUser, secret: config.IDEMPOTENCY_SECRET, afterWrite };
  const consumer = service.use(await followUsersAndOrders({ db, bus, log, services }));
  const door = { db, idempotency, durable: NOTED, consumer };
  return await service.serve(resolvers({ ...services, calls, door, feed, profileWaitMs: config.PROFILE_WAIT_MS }));
}

async function openDocuments(
  { MONGODB_URL: url }: NotificationConfig,
  { db, log }: SubgraphService,
): Promise<DocumentStore> {
  return url === undefined ? openPostgresDocuments(db) : openMongoDocuments({ url, log });
}

function openMailer(
  { SMTP_URL: url, MAIL_FOLDER: folder, MAIL_FROM: from }: NotificationConfig,
  { log }: SubgraphService,
): Mailer {
  return url === undefined ? openFolderMailer({ folder: folder ?? '', from }) : openSmtpMailer({ url, from, log });
}

if (import.meta.main) await runService(() => startNotification(readNotificationConfig()));
