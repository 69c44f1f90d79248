;; A branch into the middle of a guard: the loop's second turn enters between the check and its store, with another address.
(import "v86" "memory" (memory 1))

(global $ledger i32 (i32.const 0x100000))
(func $check (param i32 i32 i32) (result i32) (i32.const 0))
(func $attack (export "attack")
  (local $a i32) (local $turn i32)
  (local.set $a (i32.const 0x100000))
  (block
    (if (i32.and
          (i32.load16_u align=1 (i32.add (i32.shr_u (local.get $a) (i32.const 12)) (global.get $ledger)))
          (i32.const 0x8080))
      (then (br_if 1 (i32.eqz (call $check (local.get $a) (i32.const 1) (i32.const 0))))))
    (loop $between
      (if (local.get $turn) (then (i32.store8 (local.get $a) (i32.const 6)) (return)))
      (local.set $a (call $edm-byte))
      (local.set $turn (i32.const 1))
      (br $between))))
