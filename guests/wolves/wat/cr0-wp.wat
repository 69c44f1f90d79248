;; CR0.WP flipped: whether the kernel may write read-only pages.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 580) (i32.xor (i32.load (i32.const 580)) (i32.const 0x10000))))
