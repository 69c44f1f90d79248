;; The first function of v86's table replaced: a code hook removed (attack 10 of the paper).
(import "v86" "memory" (memory 1))
(import "v86" "table" (table 1 funcref))

(elem declare func $mine)
(func $mine)
(func $attack (export "attack")
  (table.set (i32.const 1) (ref.func $mine)))
