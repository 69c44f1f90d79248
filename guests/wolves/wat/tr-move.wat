;; The task register's base moved: the next change of privilege takes its stack from the wolf's TSS.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 760) (i32.const 0x2000)))
