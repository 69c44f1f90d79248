;; memory.copy of v86's statics over EDM, from below: it begins before EDM and runs into it.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.copy (i32.sub (call $edm) (i32.const 0x1000)) (i32.const 0x10000) (i32.const 0x3000)))
