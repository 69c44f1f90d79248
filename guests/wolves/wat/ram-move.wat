;; v86's pointer to guest RAM moved: the guest runs in other memory than EDM watches.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (global.get $MEMORY-BASE) (i32.add (i32.load (global.get $MEMORY-BASE)) (i32.const 0x1000))))
