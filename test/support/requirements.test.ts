import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locateChromium, requirement } from './requirements.ts';

function asked(found: unknown, environment: Record<string, string>): { runs: boolean; said: string[] } {
  const said: string[] = [];
  return { runs: requirement('chromium', found, { environment, say: (line) => said.push(line) }), said };
}

describe('a requirement', () => {
  test('that is there lets its suite run and says nothing', () => {
    expect(asked('chromium', { REQUIRE: 'chromium' })).toEqual({ runs: true, said: [] });
    expect(asked('chromium', {})).toEqual({ runs: true, said: [] });
  });

  test('that is missing and not named skips its suite with one loud line', () => {
    const line = 'SKIPPED: suite that needs chromium (chromium not found; set CHROMIUM or install it)';
    expect(asked(undefined, { REQUIRE: 'postgres, nats' })).toEqual({ runs: false, said: [line] });
  });

  test('that is missing and named fails its suite', () => {
    expect(() => asked(undefined, { REQUIRE: 'postgres, chromium' })).toThrow(
      'REQUIRE names chromium, so this suite may not be skipped: chromium not found; set CHROMIUM or install it.',
    );
  });

  test('that nobody knows is refused, even where nothing is missing', () => {
    expect(() => asked('chromium', { REQUIRE: 'chromum' })).toThrow('REQUIRE names "chromum", which no suite knows');
  });
});

describe('the browser', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-browser-'));
    await mkdir(join(folder, 'first/chromium'), { recursive: true });
    for (const name of ['chromium-browser', 'google-chrome', 'text']) await writeFile(join(folder, name), '');
    for (const name of ['chromium-browser', 'google-chrome']) await chmod(join(folder, name), 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is the first program on PATH that bears one of its names; a folder is no program', () => {
    const PATH = [join(folder, 'first'), '', folder].join(delimiter);
    expect(locateChromium({ PATH })).toBe(join(folder, 'chromium-browser'));
  });

  test('is the one that CHROMIUM names', () => {
    expect(locateChromium({ PATH: folder, CHROMIUM: join(folder, 'google-chrome') })).toBe(
      join(folder, 'google-chrome'),
    );
  });

  test.each(['nowhere', 'text'])('is not found where CHROMIUM names what does not run (%s)', (name) => {
    expect(locateChromium({ PATH: folder, CHROMIUM: join(folder, name) })).toBeUndefined();
  });

  test('is not found on an empty PATH', () => {
    expect(locateChromium({})).toBeUndefined();
  });
});
