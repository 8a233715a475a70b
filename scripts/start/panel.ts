import { styleText } from 'node:util';
import type { DataDirectory } from './data-directory.ts';
import { HOST } from './ports.ts';

const FIRST_OPERATION =
  'mutation { registerUser(input: {firstName: "Ada", lastName: "Lovelace", email: "ada@example.com", password: "correct horse battery"}, idempotencyKey: "first-try") { user { name syncState { target state } } token replayed } }';

interface PanelOptions {
  readonly gatewayPort: number;
  readonly directory: DataDirectory;
  readonly quiet: boolean;
}

/** What to open, and what to try first. */
export function renderPanel({ gatewayPort, directory, quiet }: PanelOptions): string {
  const origin = `http://${HOST}:${gatewayPort}`;
  const lines: [string, string][] = [
    ['GraphQL', `${origin}/graphql`],
    ['Sandbox', `${origin}/`],
    ['Altair', `${origin}/altair`],
    ['Health', `${origin}/health`],
    ['Admin', `${directory.adminFile} holds the login`],
    ['SQLite', `${directory.oracleFile} is the system of record`],
  ];
  const shown = quiet ? lines.slice(0, 2) : lines;
  const table = shown.map(([name, value]) => `  ${styleText('bold', name.padEnd(9))}${value}`);
  const invitation = quiet ? [] : ['', '  Paste this to begin:', '', `  ${FIRST_OPERATION}`];
  return ['', ...table, ...invitation, '', `  Ctrl-C stops everything; your data stays in ${directory.path}`, ''].join(
    '\n',
  );
}
