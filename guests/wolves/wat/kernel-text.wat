;; The guest kernel's code patched from below: a RET over its system-call entry.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store8 (i32.add (i32.load (global.get $MEMORY-BASE)) (global.get $KERNEL-TEXT)) (i32.const 0xc3)))
