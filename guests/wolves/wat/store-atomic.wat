;; The ledger again, by read-modify-write instructions.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (drop (i32.atomic.rmw.and (i32.and (call $edm-byte) (i32.const -4)) (i32.const 0x0f0f0f0f)))
  (drop (i32.atomic.rmw8.xchg_u (call $edm-byte) (i32.const 6)))
  (i64.atomic.store (i32.and (call $edm-byte) (i32.const -8)) (i64.const 0)))
