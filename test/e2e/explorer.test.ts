import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres } from '../support/database.ts';
import { actUntil } from '../support/poll.ts';
import { locateChromium, requirement } from '../support/requirements.ts';
import { register, type Customer } from '../support/customers.ts';
import { ADMIN, openSystem, type System } from '../support/system.ts';

const chromiumPath = locateChromium();
const hasChromium = requirement('chromium', chromiumPath);
const describeInBrowser = hasPostgres && hasChromium ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

/** No sandbox, because tests run as root; nothing that Chromium would do by itself, least of all on the network. */
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const CDN = 'embeddable-sandbox.cdn.apollographql.com';
/** Every other name is unknown, so nothing depends on what this machine can reach. */
const OFFLINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';

describeInBrowser('the explorers, in a browser without a network', () => {
  let system: System;
  let browser: Browser;
  beforeAll(async () => {
    system = await openSystem();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: [...FLAGS.split(' '), OFFLINE] });
  });
  afterAll(async () => {
    await browser.close();
    await system[Symbol.asyncDispose]();
  });

  /** A page of a fresh profile, and the addresses it has asked for elsewhere. */
  async function open(
    path: string,
    prepare?: (context: BrowserContext) => Promise<unknown>,
  ): Promise<AsyncDisposable & { readonly page: Page; readonly elsewhere: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
    await prepare?.(context);
    const page = await context.newPage();
    const elsewhere: string[] = [];
    const note = (url: string): void => {
      if (!['127.0.0.1', ''].includes(new URL(url).hostname)) elsewhere.push(url);
    };
    page.on('request', (request) => note(request.url()));
    page.on('websocket', (socket) => note(socket.url()));
    await page.goto(`${system.gateway.url}${path}`, { waitUntil: 'commit' });
    return { page, elsewhere, [Symbol.asyncDispose]: () => context.close() };
  }

  test('Altair shows the answer to a query that is typed into it', async () => {
    await using altair = await open('/altair');
    await runInAltair(altair.page, '{ __typename me { name } }');
    await expectShown(altair.page, '"__typename": "Query"');
    await keepScreenshot(altair.page, 'altair-query');
    expect(altair.elsewhere).toEqual([]);
  });

  test('Altair shows what a registration over HTTP causes, over graphql-ws', async () => {
    const { login } = await system.client.ask('mutation ($input: LoginInput!) { login(input: $input) { token } }', {
      input: ADMIN,
    });
    await using altair = await open('/altair');
    await setConnectionParameters(altair.page, { Authorization: `Bearer ${login.token}` });
    const socket = altair.page.waitForEvent('websocket');
    await runInAltair(altair.page, 'subscription { recordSynced(entity: USER) { state user { name email } } }');
    expect((await socket).url()).toBe(`${system.gateway.url.replace('http', 'ws')}/graphql`);
    let customer = await register(system.client);
    await actUntil(expectShown(altair.page, '"state": "APPLIED"'), async () => {
      customer = await register(system.client);
    });
    await expectShown(altair.page, `"email": "${customer.email}"`);
    await keepScreenshot(altair.page, 'altair-subscription');
    expect(altair.elsewhere).toEqual([]);
  });

  test("a page's own EventSource is told by a ticket, and each event has the id to come back with", async () => {
    const customer = await register(system.client);
    await using tab = await open('/health');
    const told = tab.page.evaluate(
      async ({ token, query }) => {
        const answer = await fetch('/graphql/ticket', {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        });
        const { ticket } = (await answer.json()) as { ticket: string };
        const source = new EventSource(`/graphql?${new URLSearchParams({ query, ticket }).toString()}`);
        return new Promise<{ result: unknown; id: string }>((resolve) => {
          source.addEventListener('next', (event) => {
            source.close();
            const { data, lastEventId } = event as Event & { data: string; lastEventId: string };
            resolve({ result: JSON.parse(data), id: lastEventId });
          });
        });
      },
      { token: customer.token, query: 'subscription { userChanged { firstName syncState { target } } }' },
    );
    const { result, id } = await actUntil(told, () => rename(customer));
    expect(result).toEqual({
      data: {
        userChanged: {
          firstName: expect.stringMatching(/^Grace /),
          syncState: [{ target: 'oracle' }, { target: 'notification' }],
        },
      },
      extensions: { cursor: id },
    });
  });

  /** Another name each time: the same one again would be no change, and told to nobody. */
  async function rename({ id, client }: Customer): Promise<void> {
    await client.ask(
      'mutation ($id: ID!, $name: String!, $key: ID!) { updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { id } } }',
      { id, name: `Grace ${randomUUID()}`, key: randomUUID() },
    );
  }

  test('the scripts that Altair runs have no right to its page', async () => {
    const frame = await fetch(`${system.gateway.url}/altair/iframe-sandbox/index.html`);
    expect(frame.headers.get('content-security-policy')).toBe('sandbox allow-scripts');
    const page = await fetch(`${system.gateway.url}/altair`);
    expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self'");
  });

  test('without its CDN, the Sandbox page says so and leads to Altair', async () => {
    await using sandbox = await open('/');
    await sandbox.page.getByText('Apollo Sandbox could not be loaded').waitFor();
    await keepScreenshot(sandbox.page, 'sandbox-offline');
    expect(sandbox.elsewhere.map((url) => new URL(url).hostname)).toEqual([CDN]);
    await sandbox.page.getByRole('link', { name: 'Altair' }).click();
    await sandbox.page.locator('app-query-editor .cm-content').first().waitFor();
  });

  test('a CDN that never answers is not waited for', async () => {
    await using sandbox = await open('/', (context) => context.route(`https://${CDN}/**`, () => undefined));
    await sandbox.page.getByText('Apollo Sandbox could not be loaded').waitFor();
  });
});

async function runInAltair(page: Page, operation: string): Promise<void> {
  await replaceText(page, 'app-query-editor .cm-content', operation);
  await page.getByRole('button', { name: 'Send Request' }).click();
}

async function setConnectionParameters(page: Page, parameters: Readonly<Record<string, string>>): Promise<void> {
  await page.locator('[track-id=show_request_handler_dialog]').click();
  await page.getByText('Websocket (graphql-ws)').waitFor();
  // The first one is for the parameters of the default handler.
  await replaceText(page, '.request-handler-params__input .cm-content >> nth=1', JSON.stringify(parameters));
  await page.getByRole('button', { name: 'Save' }).click();
}

async function replaceText(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(editor).first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}

async function expectShown(page: Page, text: string): Promise<void> {
  await page.locator('app-query-result .cm-content').getByText(text).first().waitFor();
}

/** For people to look at, where SCREENSHOTS names a folder. */
async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}
