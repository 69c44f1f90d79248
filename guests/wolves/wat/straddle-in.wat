;; A store that begins before EDM and ends inside.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (v128.store (i32.sub (call $edm) (i32.const 8)) (v128.const i64x2 0 0)))
