;; The guest's page directory patched from below: its first entry maps physical memory for everybody.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.add (i32.load (global.get $MEMORY-BASE)) (global.get $PAGE-DIRECTORY)) (i32.const 0x87)))
