;; Every page of the linear memory made writable.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.fill (call $edm) (i32.const 0) (i32.const 0x100000)))
