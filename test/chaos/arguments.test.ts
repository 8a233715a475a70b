import { describe, expect, test } from 'vitest';
import { ChaosProblem, readChaosArguments } from './arguments.ts';

describe('the command line of npm run chaos', () => {
  test('names minutes, seed and clients', () => {
    const given = readChaosArguments(['--minutes', '0.5', '--seed', '7', '--clients', '3']);
    expect(given).toEqual({ minutes: 0.5, seed: 7, clients: 3, help: false });
  });

  test('may leave out everything', () => {
    expect(readChaosArguments([])).toMatchObject({ minutes: 1, help: false });
  });

  test.each([
    [['--minutes', '0'], '--minutes must be a number from 0.1 to 1440, not "0".'],
    [['--minutes', 'long'], '--minutes must be a number from 0.1 to 1440, not "long".'],
    [['--seed', '1.5'], '--seed must be a whole number, not "1.5".'],
    [['--clients', '0'], '--clients must be a number from 1 to 200, not "0".'],
    [['--secondes', '3'], "Unknown option '--secondes'. See npm run chaos -- --help"],
  ])('refuses %j with a sentence', (argv, sentence) => {
    expect(() => readChaosArguments(argv)).toThrow(new ChaosProblem(sentence));
  });
});
