import { describeMachine } from './machine.ts';
import { measureBus } from './bus.ts';
import { measureHotProduct } from './hot-product.ts';
import { measureStart } from './start.ts';
import { measureSubscriptions } from './subscriptions.ts';

/** By name; each measures and gives its report as Markdown. */
const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  start: measureStart,
  'hot-product': measureHotProduct,
  bus: measureBus,
  subscriptions: measureSubscriptions,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
console.log(`${describeMachine()}\n`);
for (const [name, measure] of Object.entries(BENCHES)) {
  if (wanted.length === 0 || wanted.includes(name)) console.log(`## ${name}\n\n${await measure()}\n`);
}
