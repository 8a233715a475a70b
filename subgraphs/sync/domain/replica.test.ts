import { describe, expect, test } from 'vitest';
import type { CloudEvent } from '#shared/cloud-event.ts';
import { REPLICA_TABLES, replicaOf } from './replica.ts';

const EVENT: CloudEvent<Record<string, unknown>> = {
  specversion: '1.0',
  id: '018f0000-0000-7000-8000-00000000000e',
  source: 'user',
  type: 'user.updated',
  subject: 'ada',
  time: '2026-01-31T12:00:00.000Z',
  datacontenttype: 'application/json',
  revision: '4294967300',
  data: {
    id: 'ada',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@example.com',
    mobile: null,
    status: 'ACTIVE',
    role: 'CUSTOMER',
    version: 4,
    createdAt: '2026-01-30T12:00:00.000Z',
    updatedAt: '2026-01-31T12:00:00.000Z',
  },
};

describe('the replica of a user', () => {
  test('has the names of the event in the columns of the table', () => {
    expect(replicaOf('USER', EVENT)).toEqual({
      id: 'ada',
      revision: 4_294_967_300,
      columns: {
        first_name: 'Ada',
        last_name: 'Lovelace',
        email: 'ada@example.com',
        mobile: null,
        status: 'ACTIVE',
        role: 'CUSTOMER',
        version: 4,
        created_at: '2026-01-30T12:00:00.000Z',
        updated_at: '2026-01-31T12:00:00.000Z',
      },
    });
  });

  test('has exactly the columns of its table, also for an event that lacks some and knows others', () => {
    const { mobile: _, ...data } = EVENT.data;
    const { columns } = replicaOf('USER', { ...EVENT, data: { ...data, passwordHash: 'secret' } });
    expect(Object.keys(columns)).toEqual(Object.keys(REPLICA_TABLES.USER.columns));
    expect(columns['mobile']).toBeNull();
  });

  test('takes nothing from an event that only its prototype knows', () => {
    const { columns } = replicaOf('USER', { ...EVENT, data: Object.create({ email: 'inherited@example.com' }) });
    expect(columns['email']).toBeNull();
  });
});
