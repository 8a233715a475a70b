import { traceOfEvent, type CloudEvent } from '#shared/cloud-event.ts';
import { made } from '../domain/notification.ts';
import { orderOf, profileOf } from '../domain/source-events.ts';
import { ofOrder, ORDER_EVENT_TYPES, welcome, type Draft } from '../domain/templates.ts';
import { idFrom } from './notification-id.ts';
import type { NotificationServices } from './send-notification.ts';

/**
 * Takes note of what has happened elsewhere: users become profiles, and who should hear of it is notified. Any event may come again: a
 * notification's id follows from its event, and a profile only ever moves on. Throws on an event that is not what its service publishes.
 */
export async function noteEvent(services: NotificationServices, event: CloudEvent): Promise<void> {
  if (event.type.startsWith('user.')) await noteUser(services, event);
  const orderEvent = ORDER_EVENT_TYPES.find((type) => type === event.type);
  if (orderEvent !== undefined) await notify(services, ofOrder(orderEvent, orderOf(event)), event);
  services.afterWrite();
}

async function noteUser(services: NotificationServices, event: CloudEvent): Promise<void> {
  const profile = profileOf(event);
  // Before the profile: whoever finds the profile finds the welcome too.
  if (event.type === 'user.created') await notify(services, welcome(profile), event);
  await services.profiles.note(profile, { at: new Date(), trace: traceOfEvent(event) });
}

async function notify(
  { notifications }: NotificationServices,
  drafts: readonly Draft[],
  event: CloudEvent,
): Promise<void> {
  for (const draft of drafts) {
    const id = idFrom(event.source, event.id, draft.channel);
    await notifications.add({ notification: made({ ...draft, id }, new Date()), trace: traceOfEvent(event) });
  }
}
