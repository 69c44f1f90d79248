;; The ledger again, 32 bits.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (call $edm-byte) (i32.const 0x06060606)))
