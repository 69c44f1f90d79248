;; A store that begins in one of EDM's pages and ends in the next.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i64.store (i32.add (call $edm) (i32.const 4092)) (i64.const 0)))
