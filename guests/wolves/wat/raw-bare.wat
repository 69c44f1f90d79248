;; An extension that was never rewritten, passed off as one that was: a plain store.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store8 (call $edm-byte) (i32.const 6)))
