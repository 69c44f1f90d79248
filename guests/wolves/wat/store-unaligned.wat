;; The ledger again, 64 bits at an odd address.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i64.store align=1 (i32.or (call $edm-byte) (i32.const 3)) (i64.const 0x0606060606060606)))
