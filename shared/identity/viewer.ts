import { Refusal } from '../refusal.ts';

export const ROLES = ['CUSTOMER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** On whose behalf an operation runs. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: string; readonly role: Role; readonly expiresAt: Date }
  | { readonly kind: 'service'; readonly name: string; readonly expiresAt: Date };

export const ANONYMOUS: Viewer = { kind: 'anonymous' };

/** A name for the caller that scopes idempotency keys; all anonymous callers share one. */
export function callerName(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return 'anonymous';
  return viewer.kind === 'user' ? viewer.id : `service:${viewer.name}`;
}

export function isAdmin(viewer: Viewer): boolean {
  return viewer.kind === 'user' && viewer.role === 'ADMIN';
}

/** May the viewer read what belongs to `ownerId`? Its owner, admins and services may; what belongs to no one is for admins and services. */
export function mayRead(viewer: Viewer, ownerId: string | null | undefined): boolean {
  if (viewer.kind === 'service' || isAdmin(viewer)) return true;
  return viewer.kind === 'user' && ownerId === viewer.id;
}

/** The only owner whose records a list shows the viewer; undefined when it shows everyone's: to admins and services. */
export function onlyOwner(viewer: Viewer): string | undefined {
  return viewer.kind === 'user' && !isAdmin(viewer) ? viewer.id : undefined;
}

/** May the viewer change what belongs to `ownerId`? Its owner and admins may; services change nothing on a user's behalf. */
export function mayChange(viewer: Viewer, ownerId: string): boolean {
  return viewer.kind === 'user' && (viewer.role === 'ADMIN' || viewer.id === ownerId);
}

/** Throws `UNAUTHENTICATED` for an anonymous caller. */
export function requireSignedIn(viewer: Viewer): void {
  if (viewer.kind === 'anonymous')
    throw new Refusal('UNAUTHENTICATED', 'Sign in first: send "Authorization: Bearer <token>".');
}

/** Throws unless the viewer is an admin. */
export function requireAdmin(viewer: Viewer): void {
  requireSignedIn(viewer);
  if (!isAdmin(viewer)) throw new Refusal('FORBIDDEN', 'Only an admin may do this.');
}

/** Throws unless the viewer is an admin or another service: for lists of everyone's records. */
export function requireOperator(viewer: Viewer): void {
  if (viewer.kind !== 'service') requireAdmin(viewer);
}

/** Throws unless the viewer is another service acting for itself. */
export function requireService(viewer: Viewer): void {
  requireSignedIn(viewer);
  if (viewer.kind !== 'service') throw new Refusal('FORBIDDEN', 'Only another service may do this.');
}
