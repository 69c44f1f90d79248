;; The ledger again, 128 bits.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (v128.store (call $edm-byte) (v128.const i64x2 0x0606060606060606 0x0606060606060606)))
