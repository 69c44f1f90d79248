// Build options: what is accepted, and what is refused with which reason.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_OPTIONS, POINTS, PupOptionError, type PupOptions, resolveOptions } from './options.ts';
import { VARIANTS } from './variants.ts';

const messageOf = (chosen: unknown): string => {
  try {
    resolveOptions(chosen as Partial<PupOptions>);
  } catch (error) {
    assert.instance(error, PupOptionError);
    return (error as Error).message;
  }
  throw new Error(`accepted ${JSON.stringify(chosen)}`);
};

test('what is not chosen has its default', () => {
  assert.equal(resolveOptions(), DEFAULT_OPTIONS);
  assert.equal(resolveOptions({ paging: 'pae' }), { ...DEFAULT_OPTIONS, paging: 'pae' });
});

test('a wrong choice is refused with what was expected and found', () => {
  assert.match(messageOf({ syscal: 'int80' }), /no option syscal.*syscall/);
  assert.match(messageOf({ syscall: 'int81' }), /syscall must be "int80" or .*"callgate", found "int81"/);
  assert.match(messageOf({ split: 1 }), /split must be 2 or 3, found 1/);
  assert.match(messageOf({ framePointers: 'yes' }), /framePointers must be true or false, found "yes"/);
  assert.match(messageOf({ base: 1.5 }), /whole number of MiB, found 1.5/);
  assert.match(messageOf({ base: Number.NaN }), /whole number of MiB/);
});

test('a choice that cannot work is refused with the reason', () => {
  assert.match(messageOf({ base: 0 }), /impossible: below 1 MiB lie/);
  assert.match(messageOf({ base: 12 }), /impossible: a machine of 16 MiB.*choose 1 to 8/);
});

test('the catalogue has at least eight variants, each its own, and takes every value', () => {
  assert.ok(VARIANTS.length >= 8);
  assert.is(new Set(VARIANTS.map(({ name }) => name)).size, VARIANTS.length);
  const resolved = VARIANTS.map(({ options }) => resolveOptions(options));
  assert.is(new Set(resolved.map((options) => JSON.stringify(options))).size, VARIANTS.length);
  for (const [point, values] of Object.entries(POINTS)) {
    for (const value of values) {
      assert.ok(
        resolved.some((options) => options[point as keyof PupOptions] === value),
        `${point}=${value}`,
      );
    }
  }
  for (const split of [2, 3]) assert.ok(resolved.some((options) => options.split === split));
  for (const kept of [true, false]) assert.ok(resolved.some((options) => options.framePointers === kept));
  assert.ok(new Set(resolved.map((options) => options.base)).size > 1);
});

test.run();
