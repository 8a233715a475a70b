import { refused, type Outcome } from '#shared/refusal.ts';
import type { Taken } from '../store/users.ts';

/** The refusal for a value that must be unique and is not. */
export function refusedAsTaken(taken: Taken): Outcome<never, Taken> {
  return taken === 'EMAIL_TAKEN'
    ? refused(taken, 'Another user has this e-mail.', 'email')
    : refused(taken, 'Another user has this mobile number.', 'mobile');
}
