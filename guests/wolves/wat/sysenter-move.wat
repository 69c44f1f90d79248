;; SYSENTER_EIP moved: every system call goes where the wolf says.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 644) (i32.const 0x2000)))
