import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Report } from '#scripts/verify/report.ts';
import { runVerify } from '../support/run-verify.ts';
import { REAL_SYSTEM } from './start-driver.ts';
import { describeOnPostgres } from '../support/database.ts';
import { stop, TIMEOUT_MS, useFixture } from './start-fixture.ts';

const fixture = useFixture();

describeOnPostgres('npm run verify --data-dir', { timeout: TIMEOUT_MS }, () => {
  test('checks a system that runs, and one that is stopped, which it leaves as it was', async () => {
    const system = await fixture.runReady({ program: REAL_SYSTEM });
    const live = await runVerify(['--data-dir', fixture.data, '--wait', '60']);
    expect(live, live.output).toMatchObject({ code: 0 });
    expect(live.output).toContain(`Checked the system that runs on port ${fixture.port}.`);
    expect(live.output).toContain('The system was quiet. No violations');
    await stop(system);

    const before = (await readdir(fixture.data)).toSorted();
    const stopped = await runVerify(['--data-dir', fixture.data]);
    expect(stopped, stopped.output).toMatchObject({ code: 0 });
    expect(stopped.output).toContain(`Checked the stopped system in ${fixture.data}.`);
    expect(stopped.output).toMatch(/8 {2}copies converge +ok +.*copies at oracle/);
    expect((await readdir(fixture.data)).toSorted()).toEqual(before);
    expect(existsSync(join(fixture.data, 'postgres', 'postmaster.pid')), 'PostgreSQL runs on').toBe(false);

    using file = new DatabaseSync(join(fixture.data, 'oracle.sqlite'));
    file.exec("UPDATE products SET name = 'another' WHERE id = 'PROD-001'");
    const broken = await runVerify(['--data-dir', fixture.data, '--json']);
    expect(broken, broken.output).toMatchObject({ code: 1 });
    const { rows } = JSON.parse(broken.output) as Report;
    expect(rows.filter(({ violations }) => violations > 0).map(({ number }) => number)).toEqual([8]);
  });

  test('says so when there is no system', async () => {
    const { code, output } = await runVerify(['--data-dir', fixture.data]);
    expect({ code, output }).toEqual({
      code: 2,
      output: `It could not be checked: There is no system in ${fixture.data}; name its folder with --data-dir.\n`,
    });
    expect(existsSync(fixture.data)).toBe(false);
  });
});
