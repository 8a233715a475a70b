import { expect, test } from 'vitest';
import { withDatabase } from './mongodb.ts';

test.each([
  { url: 'mongodb://127.0.0.1:27017', own: 'mongodb://127.0.0.1:27017/own?' },
  { url: 'mongodb://a:1,b:2/other?replicaSet=rs', own: 'mongodb://a:1,b:2/own?replicaSet=rs' },
  { url: 'mongodb://ada:pw@a/', own: 'mongodb://ada:pw@a/own?authSource=admin' },
  { url: 'mongodb+srv://ada:pw@a/other?tls=true', own: 'mongodb+srv://ada:pw@a/own?tls=true&authSource=other' },
  { url: 'mongodb://ada:pw@a/other?authSource=people', own: 'mongodb://ada:pw@a/own?authSource=people' },
])('a database of its own is named in $url', ({ url, own }) => {
  expect(withDatabase(url, 'own')).toBe(own);
});
