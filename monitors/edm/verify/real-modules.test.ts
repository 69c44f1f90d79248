// Modules that really run: v86.wasm with its hooks, and what its JIT makes of a guest's code.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine, type VmmCompanion } from '../../../emulator/index.ts';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { hotPrograms } from '../../../emulator/testing/hot-programs.ts';
import { MEMORY_SIZE, tinyGuest } from '../../../emulator/testing/tiny-guest.ts';
import { restrict } from '../rewrite/index.ts';
import { verify } from './index.ts';

const assets = await loadAssets();

test('v86.wasm passes when it is restricted, and not as it is', () => {
  const source = assets.wasm as Uint8Array;
  const bytes = restrict(source, { kind: 'core', module: 0, source: 'v86.wasm' });
  assert.is(verify(bytes, { kind: 'core', module: 0 }), undefined);
  assert.is(verify(source, { kind: 'core', module: 0 })?.rule, 'stores');
  assert.is(verify(bytes, { kind: 'core', module: 1 })?.rule, 'gate');
  assert.is(verify(bytes, { kind: 'extension', module: 0 })?.rule, 'imports');
});

test('the modules that the JIT makes of a guest pass as they are, and rewritten', async () => {
  let compiled = 0;
  const companion: VmmCompanion = {
    imports: {},
    instantiated() {},
    ramAllocated() {},
    created() {},
    compile({ bytes }, imports) {
      const options = { kind: 'jit', module: ++compiled } as const;
      const restricted = restrict(bytes, { ...options, source: 'compiled code' });
      assert.is(verify(restricted, options), undefined);
      assert.ok(WebAssembly.validate(restricted as BufferSource));
      assert.is(verify(bytes, options), undefined);
      return new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { e: imports }).exports.f!;
    },
    deviceWrites: () => true,
    resumed() {},
    suspended() {},
  };
  for (const program of Object.values(hotPrograms())) {
    const { image } = tinyGuest(program);
    const machine = await Machine.create(
      { boot: { multiboot: image }, memorySize: MEMORY_SIZE },
      { ...assets, companion },
    );
    await machine.run({ instructions: 2_000_000 });
    await machine.close();
  }
  assert.ok(compiled >= Object.keys(hotPrograms()).length, `${compiled} modules`);
});

test.run();
