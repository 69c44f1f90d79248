;; memory.fill over EDM, with a length that nothing can have.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.fill (call $edm) (i32.const 0) (i32.const 0x1000))
  (memory.fill (call $edm) (i32.const 0) (i32.const -1)))
