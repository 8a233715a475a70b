import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInput } from '#shared/input.ts';
import { Refusal } from '#shared/refusal.ts';
import { filterInput, registrationInput, statusInput, updateInput } from './user-input.ts';
import { USER_STATUSES } from './user.ts';

const REGISTRATION = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.com',
  password: 'analytical',
  mobile: '+4915112345678',
};

function refusal(check: () => unknown): Refusal {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the input was taken');
}

/** An address of that many characters: what is too short for one lacks its domain's dot. */
function emailOf(length: number): string {
  return `a@${'b'.repeat(62)}.`.padEnd(length, `${'b'.repeat(62)}.`).slice(0, length - 3) + '.co';
}

describe('a registration', () => {
  test('is taken as it is', () => {
    expect(checkInput(registrationInput, REGISTRATION)).toEqual(REGISTRATION);
  });

  test.each([
    ['firstName', 'x'],
    ['lastName', "O'Brien-Łukasiewicz 李"],
    ['email', 'a.b+c@sub.example.co'],
    ['password', '  spaces count  '],
    ['mobile', '+1234567'],
    ['mobile', '+123456789012345'],
  ])('may have the %s %j', (field, value) => {
    expect(checkInput(registrationInput, { ...REGISTRATION, [field]: value })).toEqual({
      ...REGISTRATION,
      [field]: value,
    });
  });

  test.each(['firstName', 'lastName', 'email', 'mobile'])('loses the spaces around its %s', (field) => {
    const given = { ...REGISTRATION, [field]: ` ${REGISTRATION[field as keyof typeof REGISTRATION]}\t` };
    expect(checkInput(registrationInput, given)).toEqual(REGISTRATION);
  });

  test.each([null, undefined])('has no mobile number when it gives %s', (mobile) => {
    expect(checkInput(registrationInput, { ...REGISTRATION, mobile }).mobile).toBeNull();
  });

  test.each([
    ['firstName', '', 'must not be empty'],
    ['firstName', ' \t\n', 'must not be empty'],
    ['firstName', 'A\0da', 'has a character that is not text'],
    ['lastName', '', 'must not be empty'],
    ['lastName', 'half a pair: \ud83d', 'has a character that is not text'],
    ['email', '', 'is not an e-mail address'],
    ['email', 'ada', 'is not an e-mail address'],
    ['email', 'ada@', 'is not an e-mail address'],
    ['email', '@example.com', 'is not an e-mail address'],
    ['email', 'ada@example', 'is not an e-mail address'],
    ['email', 'ada love@example.com', 'is not an e-mail address'],
    ['email', 'ada@example.com\0', 'is not an e-mail address'],
    ['mobile', '', 'is not an E.164 number such as +4915112345678'],
    ['mobile', '015112345678', 'is not an E.164 number such as +4915112345678'],
    ['mobile', '+0123456789', 'is not an E.164 number such as +4915112345678'],
    ['mobile', '+123456', 'is not an E.164 number such as +4915112345678'],
    ['mobile', '+1234567890123456', 'is not an E.164 number such as +4915112345678'],
    ['mobile', '+49 151 12345678', 'is not an E.164 number such as +4915112345678'],
  ])('with the %s %j is refused by that field', (field, value, problem) => {
    expect(refusal(() => checkInput(registrationInput, { ...REGISTRATION, [field]: value }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      field,
      message: `${field} ${problem}.`,
    });
  });

  test.each([
    { field: 'firstName', least: 1, most: 100, make: (length: number) => 'é'.repeat(length) },
    { field: 'lastName', least: 1, most: 100, make: (length: number) => 'x'.repeat(length) },
    { field: 'password', least: 8, most: 200, make: (length: number) => '#'.repeat(length) },
    { field: 'email', least: 6, most: 254, make: emailOf },
  ])('has a $field of $least to $most characters', ({ field, least, most, make }) => {
    for (const length of [least, most]) {
      expect(checkInput(registrationInput, { ...REGISTRATION, [field]: make(length) })).toMatchObject({
        [field]: make(length),
      });
    }
    for (const length of [least - 1, most + 1]) {
      expect(
        refusal(() => checkInput(registrationInput, { ...REGISTRATION, [field]: make(length) })),
        `${length}`,
      ).toMatchObject({ code: 'BAD_USER_INPUT', field });
    }
  });

  test('with several mistakes is refused by the first', () => {
    expect(refusal(() => checkInput(registrationInput, { ...REGISTRATION, lastName: '', email: '' })).field).toBe(
      'lastName',
    );
  });

  test('is refused without showing the password', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('Ж', 'ß', '漢'), minLength: 2, maxLength: 7 }), (password) => {
        const { message } = refusal(() => checkInput(registrationInput, { ...REGISTRATION, password }));
        expect(message).not.toContain(password);
      }),
    );
  });
});

describe('an update', () => {
  test.each(['firstName', 'lastName', 'email'])('keeps the %s that is null or left out', (field) => {
    expect(checkInput(updateInput, { id: 'x', [field]: null })).toEqual({ id: 'x' });
    expect(checkInput(updateInput, { id: 'x' })).toEqual({ id: 'x' });
  });

  test('takes a mobile number away with null, and keeps one that is left out', () => {
    expect(checkInput(updateInput, { id: 'x', mobile: null }).mobile).toBeNull();
    expect(checkInput(updateInput, { id: 'x' }).mobile).toBeUndefined();
  });

  test.each([
    ['firstName', ''],
    ['lastName', 'x'.repeat(101)],
    ['email', 'ada'],
    ['mobile', 'none'],
  ])('holds the %s to the rules of registration', (field, value) => {
    expect(refusal(() => checkInput(updateInput, { id: 'x', [field]: value }))).toMatchObject({ field });
  });

  test('changes nothing it has no name for', () => {
    expect(checkInput(updateInput, { id: 'x', role: 'ADMIN', version: 9 })).toEqual({ id: 'x' });
  });
});

test.each(USER_STATUSES)('the status %s may be set', (status) => {
  expect(checkInput(statusInput, { id: 'x', status })).toEqual({ id: 'x', status });
});

test('a status that there is not is refused by its field', () => {
  expect(refusal(() => checkInput(statusInput, { id: 'x', status: 'DELETED' })).field).toBe('status');
});

test.each([undefined, null, 'ada', ' ada '])('a list may be searched for %j', (search) => {
  expect(checkInput(filterInput, { search }).search).toBe(search?.trim() ?? search);
});

test.each(['', '  ', 'a\0b'])('a search for %j is refused by its field', (search) => {
  expect(refusal(() => checkInput(filterInput, { search }))).toMatchObject({ code: 'BAD_USER_INPUT', field: 'search' });
});

test('a search is no longer than 100 characters', () => {
  expect(checkInput(filterInput, { search: 'x'.repeat(100) }).search).toHaveLength(100);
  expect(refusal(() => checkInput(filterInput, { search: 'x'.repeat(101) }))).toMatchObject({ field: 'search' });
});

test('input that is no object at all is refused, whatever it is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string())), (input) => {
      expect(refusal(() => checkInput(registrationInput, input)).code).toBe('BAD_USER_INPUT');
    }),
  );
});
