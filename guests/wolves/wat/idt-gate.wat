;; A gate of the guest's IDT patched from below.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i64.store (i32.add (i32.load (global.get $MEMORY-BASE)) (global.get $IDT)) (i64.const 0)))
