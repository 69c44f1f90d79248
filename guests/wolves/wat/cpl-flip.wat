;; CPL flipped behind the guest: user code becomes kernel code, the kernel a user.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store8 (i32.const 612) (i32.xor (i32.load8_u (i32.const 612)) (i32.const 3))))
