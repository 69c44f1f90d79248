;; The ledger again, one lane of a vector at a time.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (v128.store8_lane 3 (call $edm-byte) (v128.const i64x2 0x0606060606060606 0))
  (v128.store16_lane 1 (call $edm-byte) (v128.const i64x2 0x0606060606060606 0))
  (v128.store32_lane 0 (call $edm-byte) (v128.const i64x2 0x0606060606060606 0))
  (v128.store64_lane 1 (call $edm-byte) (v128.const i64x2 0 0x0606060606060606)))
