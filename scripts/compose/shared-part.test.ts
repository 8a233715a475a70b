import { expect, test } from 'vitest';
import { withCommonPart } from './shared-part.ts';

const MARK = '# --- shared/graphql/common.graphql, kept in step by `npm run compose` ---';

test('what stands below the mark is replaced, what stands above is kept', () => {
  const schema = `type Query { a: Int }\n\n${MARK}\n\nscalar Old\n`;
  expect(withCommonPart(schema, 'scalar New\n')).toBe(`type Query { a: Int }\n\n${MARK}\n\nscalar New\n`);
});

test('doing it again changes nothing', () => {
  const once = withCommonPart(`type Query { a: Int }\n${MARK}`, 'scalar New\n');
  expect(withCommonPart(once, 'scalar New\n')).toBe(once);
});

test('a schema without the mark is refused, and told the line', () => {
  expect(() => withCommonPart('type Query { a: Int }', 'scalar New')).toThrow(`it lacks the line "${MARK}"`);
});
