;; The IDT moved (attack 13 of the paper): every interrupt goes where the wolf says.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 568) (i32.const 0x2000)))
