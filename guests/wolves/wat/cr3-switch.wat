;; CR3 moved to page tables of the wolf's own.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 592) (i32.const 0x1000)))
