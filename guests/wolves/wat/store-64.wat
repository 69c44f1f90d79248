;; The ledger again, 64 bits, and the narrow stores of 64-bit values.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i64.store (call $edm-byte) (i64.const 0x0606060606060606))
  (i64.store8 (call $edm-byte) (i64.const 6))
  (i64.store16 (call $edm-byte) (i64.const 0x0606))
  (i64.store32 (call $edm-byte) (i64.const 0x06060606)))
