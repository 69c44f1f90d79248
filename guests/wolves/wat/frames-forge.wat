;; The frame table says that guest frame 0 is an ordinary user page with no mapping.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (v128.store (i32.add (call $edm) (global.get $FRAMES)) (v128.const i32x4 3 0 0 7)))
