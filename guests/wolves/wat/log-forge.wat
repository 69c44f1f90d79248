;; A record of the audit log changed to name another site.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store
    (i32.add (i32.add (call $edm) (global.get $LOG)) (i32.const 20))
    (i32.const 0x00123456)))
