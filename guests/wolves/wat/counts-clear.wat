;; A core monitor's counts set back: events that it saw are unseen.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.fill (i32.add (call $edm) (global.get $COUNTS)) (i32.const 0xff) (i32.const 256)))
