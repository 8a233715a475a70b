import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('no arguments mean port 4000 and .lockstep in the project', () => {
  expect(readArguments([], '/project')).toEqual({
    port: 4_000,
    dataDirectory: '/project/.lockstep',
    reset: false,
    quiet: false,
    help: false,
  });
});

test('every option is read', () => {
  const argv = ['--port', '5000', '--data-dir=/data', '--reset', '--quiet', '--help'];
  expect(readArguments(argv, '/project')).toEqual({
    port: 5_000,
    dataDirectory: '/data',
    reset: true,
    quiet: true,
    help: true,
  });
});

test('the highest port leaves room for PostgreSQL', () => {
  expect(readArguments(['--port', '54103'], '/project').port).toBe(54_103);
});

test.for([
  ['--port', '0'],
  ['--port', '54104'],
  ['--port', '4e3'],
  ['--port', '-1'],
  ['--port', 'abc'],
  ['--port='],
  ['--port'],
  ['--prot', '4000'],
  ['extra'],
  ['--data-dir='],
  ['--quiet=yes'],
])('%j is refused in one sentence with exit code 2', (argv) => {
  expect(() => readArguments(argv, '/project')).toThrow(
    expect.objectContaining({
      name: 'StartProblem',
      exitCode: 2,
      message: expect.not.stringContaining('\n') as string,
    }),
  );
});
