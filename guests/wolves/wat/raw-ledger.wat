;; Guards that look right and ask a ledger of the wolf's own: a global of zero, so that they look at v86's statics.
(import "v86" "memory" (memory 1))

(global $ledger i32 (i32.const 0x100000))
(func $check (param i32 i32 i32) (result i32) (i32.const 1))
(func $attack (export "attack")
  (local $v i32) (local $a i32)
  (local.set $a (call $edm-byte))
  (block
    (if (i32.and
          (i32.load16_u align=1 (i32.add (i32.shr_u (local.get $a) (i32.const 12)) (global.get $ledger)))
          (i32.const 0x8080))
      (then (br_if 1 (i32.eqz (call $check (local.get $a) (i32.const 1) (i32.const 0))))))
    (i32.store8 (local.get $a) (i32.const 6))))
