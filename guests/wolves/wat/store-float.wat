;; The ledger again, through floating-point stores.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (f32.store (call $edm-byte) (f32.const 0))
  (f64.store (call $edm-byte) (f64.const 0)))
