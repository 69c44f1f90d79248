;; The list of protected ranges of guest RAM emptied.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.fill (i32.add (call $edm) (global.get $RANGES)) (i32.const 0) (i32.const 64)))
